export interface FollowupTables {}
