#!/bin/sh
# Run once by the PostgreSQL image on an empty data directory, as the owner of the tables (POSTGRES_USER).
# Migrations give their grants to qlekta_site; the site logs in as qlekta_web, a member of it that owns no ledger.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$(cat /run/secrets/site_password)" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE qlekta_site NOLOGIN;
CREATE ROLE qlekta_web LOGIN PASSWORD :'password' IN ROLE qlekta_site;
SQL
