-- What kind of work a job is: how long one takes says nothing about the other kinds.
ALTER TABLE jobs ADD COLUMN work TEXT NOT NULL DEFAULT 'draw';
CREATE INDEX jobs_by_work ON jobs (work, finished_at) WHERE state IN ('drawn', 'delivered');
