"""The SQL by which a table refuses every change but an insert (Art. 5(2), 32)."""

from typing import Final

FUNCTION: Final = "audit_refuse_change"
ROW_TRIGGER: Final = "audit_append_only"
TRUNCATE_TRIGGER: Final = "audit_no_truncate"

DELETE_TRIGGER: Final = "audit_no_delete"
FORGET: Final = "audit_forget"
FADE: Final = "audit_fade"
UNSEALED_TRIGGER: Final = "audit_born_unsealed"
NEWEST_SEAL: Final = "audit_newest_seal"
MARK_SEALED: Final = "audit_mark_sealed"
GUARDS: Final = (ROW_TRIGGER, DELETE_TRIGGER, TRUNCATE_TRIGGER)

CREATE_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger % is append-only: % is refused.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""
DROP_FUNCTION: Final = f"DROP FUNCTION {FUNCTION}()"


# Lets the site, which may not delete, drop the oldest rows of a ledger. Which rows are old enough the ledger's own
# trigger decides: it refuses every younger one, and every row of a ledger without a term. It runs with the owner's
# rights, so only a table counts that the owner guards: on a table of its own the site could hang triggers of its own.
CREATE_FORGET: Final = f"""
CREATE OR REPLACE FUNCTION {FORGET}(ledger text, up_to bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass;
    forgotten bigint;
BEGIN
    SELECT c.oid::regclass INTO target
    FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE c.relname = ledger AND pg_get_userbyid(c.relowner) = current_user AND t.tgname = '{DELETE_TRIGGER}'
      AND p.proname = '{FUNCTION}' AND p.proowner = c.relowner AND p.pronamespace = c.relnamespace;
    IF target IS NULL THEN
        RAISE EXCEPTION '% is no ledger.', ledger USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DELETE FROM %s WHERE id <= $1', target) USING up_to;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;
REVOKE ALL ON FUNCTION {FORGET}(text, bigint) FROM PUBLIC
"""  # noqa: S608 - names of ours; the table comes out of the catalogue, quoted
DROP_FORGET: Final = f"DROP FUNCTION {FORGET}(text, bigint)"


# Lets the site blank the content of rows out of the middle of a ledger, whose hashes then go on proving the order. What
# may be blanked, and how, the ledger's own trigger decides; a ledger whose trigger knows no such thing refuses.
CREATE_FADE: Final = f"""
CREATE OR REPLACE FUNCTION {FADE}(ledger text, ids bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass;
    blanks text;
    faded bigint;
BEGIN
    SELECT c.oid::regclass INTO target
    FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE c.relname = ledger AND pg_get_userbyid(c.relowner) = current_user AND t.tgname = '{ROW_TRIGGER}'
      AND p.proname = '{FUNCTION}' AND p.proowner = c.relowner AND p.pronamespace = c.relnamespace;
    IF target IS NULL THEN
        RAISE EXCEPTION '% is no ledger.', ledger USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT string_agg(format('%I = %L', attname, CASE WHEN atttypid = 'jsonb'::regtype THEN '{{}}' ELSE '' END), ', ')
    INTO blanks FROM pg_attribute
    WHERE attrelid = target AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('id', 'at', 'commitment', 'previous_hash', 'row_hash', 'seal');
    EXECUTE format('UPDATE %s SET %s WHERE id = ANY ($1)', target, blanks) USING ids;
    GET DIAGNOSTICS faded = ROW_COUNT;
    RETURN faded;
END
$$;
REVOKE ALL ON FUNCTION {FADE}(text, bigint[]) FROM PUBLIC
"""  # noqa: S608 - names of ours; table and columns come out of the catalogue, quoted
DROP_FADE: Final = f"DROP FUNCTION {FADE}(text, bigint[])"


# The newest seal of a ledger. Its body is bound to the table when it is made, whatever a caller takes for the schema.
CREATE_NEWEST_SEAL: Final = f"""
CREATE OR REPLACE FUNCTION {NEWEST_SEAL}(label text) RETURNS bigint LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT max(number) FROM audit_seal WHERE ledger = label;
END;
REVOKE ALL ON FUNCTION {NEWEST_SEAL}(text) FROM PUBLIC
"""  # noqa: S608 - names of ours
DROP_NEWEST_SEAL: Final = f"DROP FUNCTION {NEWEST_SEAL}(text)"


# Lets the site, which may not update, write the number of a seal into exactly the rows that the seal names. Whether a
# row may get it the ledger's own trigger decides: once, and only the newest.
CREATE_MARK_SEALED: Final = f"""
CREATE OR REPLACE FUNCTION {MARK_SEALED}(ledger text, label text, batch bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass;
    home text;
    marked bigint;
BEGIN
    SELECT c.oid::regclass, n.nspname INTO target, home
    FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = ledger AND pg_get_userbyid(c.relowner) = current_user AND t.tgname = '{UNSEALED_TRIGGER}'
      AND p.proname = '{FUNCTION}' AND p.proowner = c.relowner AND p.pronamespace = c.relnamespace;
    IF target IS NULL THEN
        RAISE EXCEPTION '% is no ledger of leaves.', ledger USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format(
        'UPDATE %s AS leaf SET seal = $2 FROM %I.audit_seal AS one, jsonb_array_elements(one.ids) AS span '
        'WHERE one.ledger = $1 AND one.number = $2 AND leaf.seal IS NULL '
        'AND leaf.id BETWEEN (span->>0)::bigint AND (span->>1)::bigint', target, home
    ) USING label, batch;
    GET DIAGNOSTICS marked = ROW_COUNT;
    RETURN marked;
END
$$;
REVOKE ALL ON FUNCTION {MARK_SEALED}(text, text, bigint) FROM PUBLIC
"""  # noqa: S608 - names of ours; the table comes out of the catalogue, quoted
DROP_MARK_SEALED: Final = f"DROP FUNCTION {MARK_SEALED}(text, text, bigint)"


def leaf_triggers(table: str, label: str, term: str, columns: dict[str, str]) -> tuple[str, ...]:
    """Replace the trigger that refuses updates by one that lets a row get the newest seal of its ledger, once, and rows
    older than the term lose their content; refuse rows that are born with a seal. `columns` as for `fading_trigger`.
    """
    kept = [f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in ("id", "at", "commitment")]
    empty = [f"NEW.{name} = {literal}" for name, literal in {"salt": "''::bytea", **columns}.items()]
    same = [f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in ("salt", *columns)]
    fades = [f"OLD.at <= now() - interval '{term}'", "NEW.seal IS NOT DISTINCT FROM OLD.seal", *kept, *empty]
    sealed = ["OLD.seal IS NULL", *kept, *same, f"NEW.seal = {NEWEST_SEAL}('{label}')"]
    # A condition that is neither true nor false would switch the trigger off.
    allowed = " OR ".join(f"coalesce({' AND '.join(conditions)}, false)" for conditions in (fades, sealed))
    refuse = f"EXECUTE FUNCTION {FUNCTION}()"
    return (
        f"DROP TRIGGER {ROW_TRIGGER} ON {table}",
        f"CREATE TRIGGER {ROW_TRIGGER} BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NOT ({allowed})) {refuse}",
        f"CREATE TRIGGER {UNSEALED_TRIGGER} BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.seal IS NOT NULL) {refuse}",
    )


def fading_trigger(table: str, term: str, columns: dict[str, str]) -> tuple[str, ...]:
    """Replace the trigger that refuses updates by one that lets rows older than the term lose their content and salt,
    all at once and for good; `columns` are the quoted content columns, each with the literal that stands for empty.
    """
    kept = [f"NEW.{name} = OLD.{name}" for name in ("id", "at", "commitment", "previous_hash", "row_hash")]
    empty = [f"NEW.{name} = {literal}" for name, literal in {"salt": "''::bytea", **columns}.items()]
    fades = " AND ".join([f"OLD.at <= now() - interval '{term}'", *kept, *empty])
    unless = f"FOR EACH ROW WHEN (NOT ({fades})) EXECUTE FUNCTION {FUNCTION}()"
    return (
        f"DROP TRIGGER {ROW_TRIGGER} ON {table}",
        f"CREATE TRIGGER {ROW_TRIGGER} BEFORE UPDATE ON {table} {unless}",
    )


def refusing_trigger(table: str) -> tuple[str, ...]:
    """The way back: no update at all."""
    return (
        f"DROP TRIGGER {ROW_TRIGGER} ON {table}",
        f"CREATE TRIGGER {ROW_TRIGGER} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
    )


def create_triggers(table: str, term: str = "") -> tuple[str, ...]:
    """The statements for one table; `table` is quoted already. Row triggers reach the partitions of a table too.

    With a `term` (an interval of PostgreSQL) rows whose `at` is older may be deleted.
    """
    young = f"WHEN (OLD.at > now() - interval '{term}') " if term else ""
    refuse = f"EXECUTE FUNCTION {FUNCTION}()"
    return (
        f"CREATE TRIGGER {ROW_TRIGGER} BEFORE UPDATE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {DELETE_TRIGGER} BEFORE DELETE ON {table} FOR EACH ROW {young}{refuse}",
        f"CREATE TRIGGER {TRUNCATE_TRIGGER} BEFORE TRUNCATE ON {table} {refuse}",
    )


def drop_triggers(table: str) -> tuple[str, ...]:
    """The way back."""
    return tuple(f"DROP TRIGGER {name} ON {table}" for name in (ROW_TRIGGER, DELETE_TRIGGER, TRUNCATE_TRIGGER))
