-- +goose Up
-- Closed cases are read by when they last changed.
CREATE INDEX case_row_stage_group_changed_idx ON case_row (stage_group, changed, id);
