import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import { usePane } from '../pane.ts';

type RulesAnswer = Awaited<ReturnType<typeof fetchRules>>;
export type Rule = RulesAnswer[number];

/** The answer is declared as a page or a single rule, because the reference declares one; the server sends a page. */
export async function fetchRules(api: Api, signal?: AbortSignal) {
  const answer = await api.call('GET /v1/followup/rules', { query: { limit: 200 } }, signal ? { signal } : {});
  return 'records' in answer ? answer.records : [answer];
}

export function useRules(): UseQueryResult<RulesAnswer> {
  const { api } = usePane();
  return useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => fetchRules(api, signal) });
}

export const isSequence = (rule: Rule): boolean => (rule.actions?.length ?? 0) > 0;
export const isTemplate = (rule: Rule): boolean => Boolean(rule.templateBody ?? rule.templateSubject);

/** What a follow-up is started with. */
export interface FollowUpChoice {
  readonly ruleId: number;
  readonly afterDays: number;
  readonly actionVars: Record<string, string>;
  /** Left out: the recipients of the message, whoever they are when it is sent. */
  readonly targets?: string[];
}

/** "company_name" is "Company name" to a person. */
export const fieldLabel = (name: string): string => {
  const words = name.replace(/[_.-]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
