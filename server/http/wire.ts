import { z } from 'zod';
import { SCOPES } from '../lib/scopes.ts';

/** RFC 3339 with an offset; a time without one would mean the server's zone, which no client knows. */
export const dateTime = z.iso.datetime({ offset: true });
export const date = z.iso.date();
/** An integer id, safe in JSON. */
export const id = z.int().min(1);
export const limit = z.int().min(1).max(1000).default(50);
export const offset = z.int().min(0).default(0);

export const OkResponse = z.object({
  status: z.enum(['Ok']),
}).meta({ id: 'OkResponse' });

export const ApiRequestFailed = z.object({
  code: z.string().optional(),
  message: z.string().optional(),
  requestId: z.string().optional(),
  originalError: z.record(z.string(), z.unknown()).optional(),
}).meta({ id: 'ApiRequestFailed' });

export const DayOfWeek = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']).meta({ id: 'DayOfWeek' });

export const WorkingInterval = z.object({
  start: z.string().regex(/^\d{2}:\d{2}:\d{2}$/).optional(),
  end: z.string().regex(/^\d{2}:\d{2}:\d{2}$/).optional(),
}).meta({ id: 'WorkingInterval' });

export const DayWorkSchedule = z.object({
  dayOfWeek: DayOfWeek.optional(),
  workingIntervals: z.array(WorkingInterval).optional(),
}).meta({ id: 'DayWorkSchedule' });

export const WeekWorkSchedule = z.object({
  daySchedules: z.array(DayWorkSchedule).optional(),
  timezone: z.string().optional(),
}).meta({ id: 'WeekWorkSchedule' });

export const TimeInterval = z.object({
  start: dateTime.optional(),
  end: dateTime.optional(),
}).meta({ id: 'TimeInterval' });

export const Scope = z.enum(SCOPES).meta({ id: 'Scope' });

export const NativeScope = z.string().meta({ id: 'NativeScope' });

export const ServiceType = z.enum(['Google', 'GoogleBot', 'Office365', 'EWS', 'IMAP', 'Salesforce', 'Salesflare', 'Repfabric', 'MsTeamsBot', 'Slack', 'SlackBot', 'SugarCRM', 'HighLevel', 'Hubspot', 'Zoom', 'ZoomBot', 'Webex', 'WebexBot', 'Pipedrive', 'EclipseERP', 'AutoQuotes', 'NetSuite', 'MCTrade', 'SpecPath', 'Zoho', 'Clientify', 'QuickBooks', 'ActiveCampaign', 'Creatio', 'ConstantContact', 'Fishbowl', 'iCloud', 'Hosted']).meta({ id: 'ServiceType' });

export const ServiceTypeNonDaemon = z.enum(['Google', 'Office365', 'EWS', 'IMAP', 'Salesforce', 'Salesflare', 'Repfabric', 'Slack', 'SugarCRM', 'HighLevel', 'Hubspot', 'Zoom', 'Webex', 'WebexBot', 'Pipedrive', 'EclipseERP', 'AutoQuotes', 'NetSuite', 'SpecPath', 'Zoho', 'Clientify', 'QuickBooks', 'ActiveCampaign', 'Creatio', 'ConstantContact', 'Fishbowl', 'iCloud', 'Hosted']).meta({ id: 'ServiceTypeNonDaemon' });

export const ServiceTypeDaemon = z.enum(['Google', 'GoogleBot', 'Office365', 'EWS', 'MsTeamsBot', 'Slack', 'SlackBot', 'ZoomBot', 'MCTrade', 'Zoho']).meta({ id: 'ServiceTypeDaemon' });

export const ServiceProvider = z.enum(['Office365', 'Google', 'Zoho', 'IMAP', 'EWS', 'Yahoo', 'AOL', 'iCloud', 'BigPond', 'Fastmail', 'Repfabric', 'Salesforce', 'Salesflare', 'SugarCRM', 'HighLevel', 'Hubspot', 'Pipedrive', 'AutoQuotes', 'SpecPath', 'Clientify', 'EclipseERP', 'NetSuite', 'Fishbowl', 'Slack', 'Zoom', 'Webex', 'MCTrade', 'Creatio', 'QuickBooks', 'ActiveCampaign', 'ConstantContact', 'Yoxel', 'Hosted']).meta({ id: 'ServiceProvider' });

export const BodyType = z.enum(['html', 'text']).meta({ id: 'BodyType' });

export const NativeProperty = z.string().meta({ id: 'NativeProperty' });

