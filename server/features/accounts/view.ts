import type { z } from 'zod';
import type { Scope } from '../../lib/scopes.ts';
import type { ApiAccountOutDto } from './contract.ts';
import type { AccountRow } from './queries.ts';

type Wire = z.input<typeof ApiAccountOutDto>;

const ALL_SCOPES: readonly Scope[] = ['Calendar.ReadWrite', 'Mail.All', 'Contacts.ReadWrite', 'Tasks.ReadWrite'];

/** Rows are written by our own code from the contract's enums, which the column's type (text) does not say. */
export const serviceTypeOf = (row: AccountRow): NonNullable<Wire['serviceType']> => row.service_type as NonNullable<Wire['serviceType']>;

/** An account without a list has every scope; clients want them by name. */
export const scopesOf = (row: AccountRow): Scope[] => [...(row.auth_scopes ?? ALL_SCOPES)];

export function accountView(row: AccountRow): Wire {
  return {
    id: row.id,
    ...(row.parent_id === null ? {} : { parentId: row.parent_id }),
    serviceType: serviceTypeOf(row),
    serviceProvider: row.service_type as NonNullable<Wire['serviceProvider']>,
    active: row.token_status === 'active',
    tokenStatus: row.token_status,
    ...(row.token_error === null ? {} : { tokenError: row.token_error }),
    type: row.type,
    daemon: row.type === 'daemon',
    loginString: row.login_string ?? row.email,
    email: row.email,
    mailboxAddress: row.email,
    name: row.name,
    ...(row.server_url === null ? {} : { serverUrl: row.server_url }),
    ...(row.client_org_id === null ? {} : { clientOrgId: row.client_org_id }),
    timezone: row.timezone,
    authScopes: scopesOf(row),
    authNativeScopes: [...(row.auth_native_scopes ?? [])],
    ...(row.auth_obtained_at === null ? {} : { authObtainedAt: row.auth_obtained_at.toISOString() }),
    ...(row.user_id === null ? {} : { userId: row.user_id }),
    copyToSent: row.copy_to_sent,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
