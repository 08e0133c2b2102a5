import type { z } from 'zod';
import { jsonb, transaction, type Db } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import { noKey, type Settle, type Settled } from '../../http/operation.ts';
import { randomToken } from '../../lib/ids.ts';
import { intervalProblem, scheduleProblem } from '../../lib/work-week.ts';
import type { AccountRow, AppRow } from '../accounts/queries.ts';
import { appByClientId, requireAccount } from '../accounts/service.ts';
import { workHoursOf, type WeekWork } from '../calendar/service.ts';
import type { AvailabilityIntervals, BookingInDto, BookingOutDto } from './contract.ts';
import { deleteProfile, insertProfile, profileById, profileByName, profilesOf, updateProfile, type ProfileRow } from './queries.ts';
import { parsePeriod } from './texts.ts';

type ProfileIn = z.output<typeof BookingInDto>;
type ProfileOut = z.output<typeof BookingOutDto>;

const UNIQUE_VIOLATION = '23505';

/** A profile with whose calendar it offers and which application it belongs to. */
export interface Page {
  readonly profile: ProfileRow;
  readonly account: AccountRow;
  readonly clientId: string;
}

export async function createProfile(deps: Deps, account: AccountRow, app: AppRow, input: ProfileIn, settle: Settle<ProfileOut> = noKey): Promise<Settled<ProfileOut>> {
  check(input);
  const values = {
    app_id: app.id,
    account_id: account.id,
    name: input.name ?? `meet-${randomToken(6)}`,
    duration_minutes: input.durationMinutes ?? 30,
    buffer_minutes: input.bufferBetweenMinutes ?? 0,
    step_minutes: input.availabilityStep ?? 30,
    start_after_minutes: input.startAfterMinutes ?? 60,
    start_time: input.startTime ? new Date(input.startTime) : null,
    end_time: input.endTime ? new Date(input.endTime) : null,
    time_available_for: input.timeAvailableFor ?? 'P4W',
    subject: input.subject ?? '',
    description: input.description ?? '',
    location: input.location ?? '',
    work_hours: input.workHours ? jsonb(input.workHours) : null,
    availability_intervals: input.availabilityIntervals ? jsonb(input.availabilityIntervals) : null,
    context: input.context ?? null,
    start_conference: input.startConference ?? false,
    open_meeting_url: input.openMeetingUrl ?? null,
    active: input.active ?? true,
    created_at: deps.clock.now(),
  };
  return nameKept(input.name, () => transaction(deps.db, async (trx) =>
    settle(trx, profileOut(deps, { profile: await insertProfile(trx, values), account, clientId: app.client_id }))));
}

export async function changeProfile(deps: Deps, accountId: number, id: number, input: ProfileIn): Promise<void> {
  await requireProfile(deps.db, accountId, id);
  check(input);
  const values = {
    name: input.name,
    duration_minutes: input.durationMinutes,
    buffer_minutes: input.bufferBetweenMinutes,
    step_minutes: input.availabilityStep,
    start_after_minutes: input.startAfterMinutes,
    start_time: input.startTime ? new Date(input.startTime) : undefined,
    end_time: input.endTime ? new Date(input.endTime) : undefined,
    time_available_for: input.timeAvailableFor,
    subject: input.subject,
    description: input.description,
    location: input.location,
    work_hours: input.workHours ? jsonb(input.workHours) : undefined,
    availability_intervals: input.availabilityIntervals ? jsonb(input.availabilityIntervals) : undefined,
    context: input.context,
    start_conference: input.startConference,
    open_meeting_url: input.openMeetingUrl,
    active: input.active,
  };
  if (Object.values(values).every((value) => value === undefined)) return;
  await nameKept(input.name, () => transaction(deps.db, (trx) => updateProfile(trx, id, values)));
}

export async function removeProfile(deps: Deps, accountId: number, id: number): Promise<void> {
  if (!await transaction(deps.db, (trx) => deleteProfile(trx, accountId, id))) throw notFound('The booking profile');
}

export const listProfiles = profilesOf;

export async function requireProfile(db: Db, accountId: number, id: number): Promise<ProfileRow> {
  const profile = await profileById(db, accountId, id);
  if (!profile) throw notFound('The booking profile');
  return profile;
}

/** The page behind a public address. An unknown client and an unknown name look the same. */
export async function publicPage(deps: Pick<Deps, 'db'>, clientId: string, name: string): Promise<Page> {
  const app = await appByClientId(deps.db, clientId);
  const profile = app && await profileByName(deps.db, app.id, name);
  if (!app || !profile) throw notFound('The booking page');
  return { profile, account: await requireAccount(deps, profile.account_id), clientId: app.client_id };
}

export function profileOut(deps: Pick<Deps, 'config'>, { profile, account, clientId }: Page): ProfileOut {
  return {
    id: profile.id,
    name: profile.name,
    durationMinutes: profile.duration_minutes,
    bufferBetweenMinutes: profile.buffer_minutes,
    availabilityStep: profile.step_minutes,
    startAfterMinutes: profile.start_after_minutes,
    ...(profile.start_time ? { startTime: profile.start_time.toISOString() } : {}),
    ...(profile.end_time ? { endTime: profile.end_time.toISOString() } : {}),
    timeAvailableFor: profile.time_available_for,
    subject: profile.subject,
    description: profile.description,
    location: profile.location,
    workHours: hoursOf(profile, account),
    ...(profile.availability_intervals ? { availabilityIntervals: profile.availability_intervals as z.output<typeof AvailabilityIntervals> } : {}),
    ...(profile.context === null ? {} : { context: profile.context }),
    startConference: profile.start_conference,
    ...(profile.open_meeting_url === null ? {} : { openMeetingUrl: profile.open_meeting_url }),
    active: profile.active,
    bookingUrl: pageUrl(deps, clientId, profile.name),
  };
}

/** The profile's own hours, else the account's, with the zone they are meant in. */
export function hoursOf(profile: ProfileRow, account: AccountRow): WeekWork {
  const own = profile.work_hours as WeekWork | null;
  return own ? { ...own, timezone: own.timezone ?? account.timezone } : workHoursOf(account);
}

export const pageUrl = (deps: Pick<Deps, 'config'>, clientId: string, name: string): string =>
  `${deps.config.publicUrl}/book/${encodeURIComponent(clientId)}/${encodeURIComponent(name)}`;

function check(input: ProfileIn): void {
  if (input.timeAvailableFor !== undefined && !parsePeriod(input.timeAvailableFor)) {
    throw invalid('timeAvailableFor', 'not an ISO 8601 period of at most a year; e.g. P3M, P4W or P5D.');
  }
  const wrong = input.workHours && scheduleProblem(input.workHours);
  if (wrong) throw invalid(`workHours.${wrong.path}`, wrong.problem);
  for (const [i, special] of (input.availabilityIntervals?.intervals ?? []).entries()) {
    const field = `availabilityIntervals.intervals[${i}]`;
    if (!special.dateStartInclusive || !special.dateEndInclusive) throw invalid(field, 'needs dateStartInclusive and dateEndInclusive.');
    if (special.dateEndInclusive < special.dateStartInclusive) throw invalid(`${field}.dateEndInclusive`, 'must not be before dateStartInclusive.');
    const bad = intervalProblem(special.hours ?? []);
    if (bad) throw invalid(`${field}.hours${bad.path}`, bad.problem);
  }
}

async function nameKept<T>(name: string | undefined, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    throw new AppError('name.taken', `name: another booking profile of this application is called ${JSON.stringify(name)}; choose another.`, { cause: error, extra: { field: 'name' } });
  }
}
