import type { Generated } from 'kysely';

export interface BookingTables {
  booking_profiles: {
    id: Generated<number>;
    app_id: number;
    account_id: number;
    /** Part of the booking page's address; unique in the application, whatever its case. */
    name: string;
    duration_minutes: number;
    buffer_minutes: number;
    step_minutes: number;
    start_after_minutes: number;
    start_time: Date | null;
    end_time: Date | null;
    /** ISO 8601 period. */
    time_available_for: string;
    subject: string;
    description: string;
    location: string;
    /** WeekWorkSchedule; null: the account's. */
    work_hours: unknown;
    /** AvailabilityIntervals; null: none. */
    availability_intervals: unknown;
    context: string | null;
    start_conference: boolean;
    open_meeting_url: string | null;
    active: Generated<boolean>;
    created_at: Date;
  };
  booking_reservations: {
    id: Generated<number>;
    profile_id: number;
    account_id: number;
    status: 'held' | 'confirmed' | 'cancelled';
    starts_at: Date;
    ends_at: Date;
    /** When a hold ends; null once confirmed. */
    hold_until: Date | null;
    event_id: number | null;
    attendee_name: string | null;
    attendee_email: string | null;
    /** Values of the profile's variables, by name. */
    substitutions: Generated<unknown>;
    /** `public`: made by somebody who showed no credentials; what he wrote goes into no mail. */
    source: 'account' | 'public';
    /** SHA-256 of the token by which the visitor changes or cancels. */
    token_hash: string;
    /** How often the visitor moved it. */
    moves: Generated<number>;
    /** SHA-256 of the visitor's address, for a day: caps are counted by it. */
    ip_hash: string | null;
    /** On the wall clock: caps follow it. */
    made_at: Date;
  };
}
