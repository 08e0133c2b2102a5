import type { Generated } from 'kysely';

export interface CalendarTables {
  /** The hosted calendar of an account; writers lock its row, so that looking and booking are one step. */
  calendars: {
    id: Generated<number>;
    account_id: number;
    name: string;
  };
  calendar_events: {
    id: Generated<number>;
    calendar_id: number;
    account_id: number;
    /** RFC 5545 UID, the same in every invitation. */
    uid: string;
    title: string;
    description: string;
    location: string;
    starts_at: Date;
    ends_at: Date;
    /** What the organizer's clock shows, `2026-11-24T10:00:00`; an appointment keeps it when the zone's rules change. */
    start_wall: string;
    end_wall: string;
    /** IANA name. */
    timezone: string;
    all_day: Generated<boolean>;
    show_as: Generated<'free' | 'busy' | 'tentative' | 'outOfOffice' | 'unknown'>;
    organizer_name: string;
    organizer_email: string;
    /** StoredAttendee[] of calendar/queries.ts. */
    attendees: Generated<unknown>;
    /** RFC 5545 section 3.8.7.4: grows with each change that attendees are told of. */
    sequence: Generated<number>;
    cancelled: Generated<boolean>;
    created_at: Date;
    updated_at: Date;
  };
}
