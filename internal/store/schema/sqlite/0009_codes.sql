-- +goose Up
-- Lines by the code of a control list: what a change of the list touches.
CREATE INDEX case_line_code_idx ON case_line (code, case_id);
CREATE INDEX case_line_claimed_code_idx ON case_line (claimed_code, case_id);
CREATE INDEX licence_line_code_idx ON licence_line (code, licence_id);
