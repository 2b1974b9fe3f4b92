-- Whether the status message shows small pictures while the job is drawn.
ALTER TABLE jobs ADD COLUMN previews INTEGER NOT NULL DEFAULT 0;

-- The next turn and the pace of the latest jobs are asked for all the time: without these, in all of history.
CREATE INDEX jobs_by_turn ON jobs (turn);
CREATE INDEX jobs_by_finish ON jobs (finished_at) WHERE state IN ('drawn', 'delivered');
