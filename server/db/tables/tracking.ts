export interface TrackingTables {}
