-- What is kept no longer is looked for role by role.
CREATE INDEX job_blobs_by_role ON job_blobs (role, job_id);
