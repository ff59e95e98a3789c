-- +goose Up
-- Natural persons of cases by when their details have to go.
CREATE INDEX case_party_retain_until_idx ON case_party (retain_until, id) WHERE "natural" = 1 AND erased = 0;
