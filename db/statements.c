/* SPDX-License-Identifier: MIT */
/*
 * The table of statements. Numbered parameters are bound in order by the function that
 * uses the statement; results are read by position.
 */
#include "db/statements.h"

#include "base/error.h"
#include "rules/action.h"

#include <stddef.h>

#define SESSION_COLUMNS                                                                \
	"id, name, started, ended, project, working_folder, argv, options, "           \
	"supervisor, "                                                                 \
	"supervisor_ticks, status, imported,"                                          \
	" (SELECT ifnull(max(seq), 0) FROM events WHERE session = sessions.id)"

static const char *const statements[STATEMENT_COUNT] = {
	[STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT] = "COMMIT",
	[STATEMENT_ROLLBACK] = "ROLLBACK",
	[STATEMENT_DATA_VERSION] = "PRAGMA data_version",
	[STATEMENT_RULE_CHANGES] = "SELECT count FROM rule_changes",
	[STATEMENT_INTEGRITY] = "PRAGMA integrity_check(1)",

	[STATEMENT_SESSION_INSERT] =
		"INSERT INTO sessions (name, started, project, working_folder, argv,"
		" options, supervisor, supervisor_ticks)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[STATEMENT_SESSION_END] =
		"UPDATE sessions SET ended = ?2, status = ?3, chain = ?4, seal = ?5"
		" WHERE id = ?1",
	[STATEMENT_SESSION_IMPORTED] = "UPDATE sessions SET imported = 1 WHERE id = ?1",
	[STATEMENT_SESSIONS] = "SELECT " SESSION_COLUMNS " FROM sessions ORDER BY id",
	[STATEMENT_SESSIONS_UNENDED] =
		"SELECT " SESSION_COLUMNS
		" FROM sessions WHERE ended = 0 AND imported = 0 ORDER BY id",
	[STATEMENT_SESSION_BY_ID] =
		"SELECT " SESSION_COLUMNS " FROM sessions WHERE id = ?1",
	[STATEMENT_SESSION_BY_NAME] =
		"SELECT " SESSION_COLUMNS " FROM sessions WHERE name = ?1"
		" ORDER BY id DESC LIMIT 1",
	[STATEMENT_SESSION_LAST] =
		"SELECT " SESSION_COLUMNS " FROM sessions ORDER BY id DESC LIMIT 1",
	[STATEMENT_SESSION_DELETE] = "DELETE FROM sessions WHERE id = ?1",
	/* Sizes of the rows' fixed parts are rounded averages: it is an estimate. */
	[STATEMENT_SESSION_SIZE] =
		"SELECT 512"
		" + (SELECT ifnull(sum(100 + length(object) + length(asked_as)"
		"   + ifnull(length(argv), 0)), 0) FROM events WHERE session = ?1)"
		" + (SELECT ifnull(sum(30 + length(bytes)), 0) FROM terminal_chunks"
		"   WHERE session = ?1)"
		" + (SELECT ifnull(sum(60 + length(program) + length(argv)), 0)"
		"   FROM processes WHERE session = ?1)"
		" + (SELECT ifnull(sum(60 + length(arguments) + length(result)), 0)"
		"   FROM mcp_calls WHERE session = ?1)",

	[STATEMENT_PROCESS_INSERT] =
		"INSERT INTO processes (session, number, parent, previous, pid,"
		" start_ticks, program, script, argv, working_folder, started, seal)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[STATEMENT_PROCESS_END] =
		"UPDATE processes SET ended = ?3, status = ?4, seal_end = ?5"
		" WHERE session = ?1 AND number = ?2",
	[STATEMENT_PROCESSES] =
		"SELECT session, number, parent, previous, pid, start_ticks, program,"
		" script, argv, working_folder, started, ended, status"
		" FROM processes WHERE session = ?1 ORDER BY number",

	[STATEMENT_EVENT_INSERT] =
		"INSERT INTO events (session, seq, time, monotonic, pid, tid, process,"
		" call, verb, object, asked_as, argv, syscall, verdict, decider, rule,"
		" rule_text, reason_text, scope, question, waited_ms, error, flags,"
		" code, python_text, native_text, mcp_text, labels_text, chain)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
		" ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, "
		"?28, ?29)",
	/* 0 stands for "all" in the masks and numbers of the filter. */
	[STATEMENT_EVENTS] =
		"SELECT e.session, e.seq, e.time, e.monotonic, e.pid, e.tid, e.process,"
		" e.call, e.verb, e.object, e.asked_as, e.argv, e.syscall, e.verdict,"
		" e.decider, e.rule, r.text, n.text, e.scope, e.question, e.waited_ms,"
		" e.error, e.flags, e.code, y.text, v.text, m.text, l.text,"
		" p.program, p.argv"
		" FROM events AS e"
		" LEFT JOIN processes AS p"
		"  ON p.session = e.session AND p.number = e.process"
		" LEFT JOIN texts AS r ON r.id = e.rule_text"
		" LEFT JOIN texts AS n ON n.id = e.reason_text"
		" LEFT JOIN texts AS y ON y.id = e.python_text"
		" LEFT JOIN texts AS v ON v.id = e.native_text"
		" LEFT JOIN texts AS m ON m.id = e.mcp_text"
		" LEFT JOIN texts AS l ON l.id = e.labels_text"
		" WHERE e.session = ?1 AND e.seq > ?2"
		" AND (?3 = 0 OR (?3 >> e.verb) & 1)"
		" AND (?4 = 0 OR (?4 >> e.verdict) & 1)"
		" AND (?5 = 0 OR e.process = ?5)"
		" AND (?6 = 0 OR e.question = ?6)"
		" ORDER BY e.seq",
	/* Of texts only those that are facts: every look-up counts here. */
	[STATEMENT_ACTIONS] =
		"SELECT e.seq, e.time, e.process, e.call, e.verb, e.object,"
		" e.asked_as, e.argv, e.syscall, e.verdict, e.decider, e.rule,"
		" e.scope, e.question, e.flags, e.code, e.rule_text IS NOT NULL,"
		" y.text, m.text, l.text, e.error"
		" FROM events AS e"
		" LEFT JOIN texts AS y ON y.id = e.python_text"
		" LEFT JOIN texts AS m ON m.id = e.mcp_text"
		" LEFT JOIN texts AS l ON l.id = e.labels_text"
		" WHERE e.session = ?1 ORDER BY e.seq",
	[STATEMENT_EVENT_COUNTS] = "SELECT verb, verdict, count(*) FROM events"
				   " WHERE session = ?1 GROUP BY verb, verdict",
	[STATEMENT_CHAIN_SESSION] =
		"SELECT name, started, project, working_folder, argv, options"
		" FROM sessions WHERE id = ?1",
	[STATEMENT_CHAIN_BEFORE] =
		"SELECT seq, chain FROM events WHERE session = ?1 AND seq < ?2"
		" ORDER BY seq DESC LIMIT 1",
	[STATEMENT_CHAIN_EVENTS] =
		"SELECT e.session, e.seq, e.time, e.monotonic, e.pid, e.tid, e.process,"
		" e.call, e.verb, e.object, e.asked_as, e.argv, e.syscall, e.verdict,"
		" e.decider, e.rule, r.text, n.text, e.scope, e.question, e.waited_ms,"
		" e.error, e.flags, e.code, y.text, v.text, m.text, l.text, e.chain"
		" FROM events AS e"
		" LEFT JOIN texts AS r ON r.id = e.rule_text"
		" LEFT JOIN texts AS n ON n.id = e.reason_text"
		" LEFT JOIN texts AS y ON y.id = e.python_text"
		" LEFT JOIN texts AS v ON v.id = e.native_text"
		" LEFT JOIN texts AS m ON m.id = e.mcp_text"
		" LEFT JOIN texts AS l ON l.id = e.labels_text"
		" WHERE e.session = ?1 ORDER BY e.seq",
	[STATEMENT_CHAIN_END] = "SELECT ended, chain, seal FROM sessions WHERE id = ?1",
	[STATEMENT_OBJECTS] = "SELECT verb, verdict, object, count(*) FROM events"
			      " WHERE session = ?1 AND (?2 = 0 OR (?2 >> verb) & 1)"
			      " AND (?3 = 0 OR (?3 >> verdict) & 1)"
			      " GROUP BY verb, verdict, object ORDER BY min(seq)",

	[STATEMENT_TEXT_FIND] = "SELECT id FROM texts WHERE hash = ?1 AND text = ?2",
	[STATEMENT_TEXT_INSERT] = "INSERT INTO texts (hash, text) VALUES (?1, ?2)",
	[STATEMENT_TEXTS_CLEAN] =
		"DELETE FROM texts WHERE id NOT IN ("
		"SELECT rule_text FROM events WHERE rule_text IS NOT NULL"
		" UNION SELECT reason_text FROM events WHERE reason_text IS NOT NULL"
		" UNION SELECT python_text FROM events WHERE python_text IS NOT NULL"
		" UNION SELECT native_text FROM events WHERE native_text IS NOT NULL"
		" UNION SELECT mcp_text FROM events WHERE mcp_text IS NOT NULL"
		" UNION SELECT labels_text FROM events WHERE labels_text IS NOT NULL)",

	[STATEMENT_QUESTION_INSERT] =
		"INSERT INTO questions (session, number, time, process, pid, tid, verb,"
		" object, asked_as, argv, details, seal)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[STATEMENT_QUESTIONS] =
		"SELECT q.session, q.number, q.time, q.process, q.pid, q.tid, q.verb,"
		" q.object, q.asked_as, q.argv, q.details, p.program, p.argv,"
		" a.time, a.verdict, a.scope, a.rule, a.rule_text, a.message"
		" FROM questions AS q"
		" LEFT JOIN processes AS p"
		"  ON p.session = q.session AND p.number = q.process"
		" LEFT JOIN answers AS a"
		"  ON a.session = q.session AND a.question = q.number"
		" WHERE q.session = ?1 AND q.number > ?2 ORDER BY q.number",
	[STATEMENT_ANSWER_INSERT] =
		"INSERT OR REPLACE INTO answers (session, question, time, verdict,"
		" scope, rule, rule_text, message, seal)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[STATEMENT_OBJECT_HISTORY] =
		"SELECT a.verdict, count(*) FROM questions AS q"
		" JOIN answers AS a ON a.session = q.session AND a.question = q.number"
		" JOIN sessions AS s ON s.id = q.session AND NOT s.imported"
		" WHERE q.object = ?1 AND q.verb = ?2 GROUP BY a.verdict",

	[STATEMENT_RULE_INSERT] =
		"INSERT INTO rules (addition, text, origin, scope, project, session,"
		" process, source, created, until, origin_session, origin_event,"
		" origin_question, note)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
	[STATEMENT_RULE_ADDITION] = "UPDATE rules SET addition = id WHERE id = ?1",
	[STATEMENT_RULE_HITS] = "UPDATE rules SET hits = hits + ?2,"
				" last_hit = max(last_hit, ?3) WHERE id = ?1",
	[STATEMENT_RULE_DELETE] = "DELETE FROM rules WHERE id = ?1",
	[STATEMENT_RULES_UNDO] =
		"DELETE FROM rules WHERE addition ="
		" (SELECT addition FROM rules ORDER BY id DESC LIMIT 1)",
	[STATEMENT_RULES] =
		"SELECT id, text, origin, scope, project, session, process, source,"
		" created, until, origin_session, origin_event, origin_question, note,"
		" hits, last_hit, addition FROM rules"
		" WHERE ?1 OR ((until = 0 OR until > ?6) AND (scope = ?2"
		" OR (scope = ?3 AND project = ?4)"
		" OR session = ?5))"
		" ORDER BY id",

	[STATEMENT_ACCEPT] = "INSERT OR REPLACE INTO accepted (project, hash, time)"
			     " VALUES (?1, ?2, ?3)",
	[STATEMENT_ACCEPTED] = "SELECT hash, time FROM accepted WHERE project = ?1",
	[STATEMENT_WITHDRAW] = "DELETE FROM accepted WHERE project = ?1",

	[STATEMENT_LABEL_INSERT] =
		"INSERT OR IGNORE INTO labels (session, process, label, time, event,"
		" seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[STATEMENT_LABELS] = "SELECT session, process, label, time, event FROM labels"
			     " WHERE session = ?1 ORDER BY process, label",
	[STATEMENT_MCP_INSERT] =
		"INSERT INTO mcp_calls (session, number, time, process, server, tool,"
		" arguments, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[STATEMENT_MCP_END] =
		"UPDATE mcp_calls SET ended = ?3, result = ?4, seal_end = ?5"
		" WHERE session = ?1 AND number = ?2",
	[STATEMENT_MCP_CALLS] =
		"SELECT session, number, time, ended, process, server, tool, arguments,"
		" result FROM mcp_calls WHERE session = ?1 ORDER BY number",
	[STATEMENT_PIN_STORE] =
		"INSERT INTO tool_pins (server, tool, definition, session, time)"
		" VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (server, tool) DO UPDATE"
		" SET definition = ?3, session = ?4, time = ?5",
	[STATEMENT_PINS] = "SELECT session, time, server, tool, definition"
			   " FROM tool_pins WHERE server = ?1 ORDER BY tool",
	[STATEMENT_TERMINAL_INSERT] =
		"INSERT INTO terminal_chunks (session, number, time, kind, bytes,"
		" columns, rows, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[STATEMENT_TERMINAL] =
		"SELECT session, number, time, kind, bytes, columns, rows"
		" FROM terminal_chunks WHERE session = ?1 AND number > ?2"
		" ORDER BY number",

	[STATEMENT_SEALED_PROCESSES] =
		"SELECT number, parent, previous, pid, start_ticks, program, script,"
		" argv, working_folder, started, seal FROM processes"
		" WHERE session = ?1 ORDER BY number",
	[STATEMENT_SEALED_PROCESS_ENDS] =
		"SELECT number, ended, status, seal_end FROM processes WHERE"
		" session = ?1 AND (ended != 0 OR seal_end IS NOT NULL)"
		" ORDER BY number",
	[STATEMENT_SEALED_QUESTIONS] =
		"SELECT number, time, process, pid, tid, verb, object, asked_as, argv,"
		" details, seal FROM questions WHERE session = ?1 ORDER BY number",
	[STATEMENT_SEALED_ANSWERS] =
		"SELECT question, time, verdict, scope, rule, rule_text, message, seal"
		" FROM answers WHERE session = ?1 ORDER BY question",
	[STATEMENT_SEALED_TERMINAL] =
		"SELECT number, time, kind, bytes, columns, rows, seal"
		" FROM terminal_chunks WHERE session = ?1 ORDER BY number",
	[STATEMENT_SEALED_MCP_CALLS] =
		"SELECT number, time, process, server, tool, arguments, seal"
		" FROM mcp_calls WHERE session = ?1 ORDER BY number",
	[STATEMENT_SEALED_MCP_ENDS] =
		"SELECT number, ended, result, seal_end FROM mcp_calls WHERE"
		" session = ?1 AND (ended != 0 OR seal_end IS NOT NULL)"
		" ORDER BY number",
	[STATEMENT_SEALED_LABELS] =
		"SELECT process, label, time, event, seal FROM labels"
		" WHERE session = ?1 ORDER BY process, label",

	[STATEMENT_EXTENT] =
		"SELECT"
		" ifnull((SELECT max(seq) FROM events WHERE session = ?1), 0),"
		" ifnull((SELECT max(number) FROM terminal_chunks"
		"  WHERE session = ?1), 0),"
		" ifnull((SELECT max(number) FROM questions WHERE session = ?1), 0),"
		" max(ifnull((SELECT time + waited_ms * 1000000 FROM events"
		"   WHERE session = ?1 ORDER BY seq DESC LIMIT 1), 0),"
		"  ifnull((SELECT time FROM terminal_chunks"
		"   WHERE session = ?1 ORDER BY number DESC LIMIT 1), 0)),"
		" ended FROM sessions WHERE id = ?1",
	/* Of the last few, lest one that comes late leads a search astray. */
	[STATEMENT_EVENT_TIME] =
		"SELECT seq, (SELECT max(effect) FROM"
		"  (SELECT time + waited_ms * 1000000 AS effect FROM events"
		"   WHERE session = ?1 AND seq <= e.seq ORDER BY seq DESC LIMIT 8))"
		" FROM events AS e WHERE session = ?1 AND seq >= ?2"
		" ORDER BY seq LIMIT 1",
	[STATEMENT_TERMINAL_TIME] =
		"SELECT number, time FROM terminal_chunks"
		" WHERE session = ?1 AND number >= ?2 ORDER BY number LIMIT 1",
	[STATEMENT_DENIAL_AFTER] =
		"SELECT seq FROM events INDEXED BY events_denied"
		" WHERE session = ?1 AND verdict IN (0, 3) AND seq > ?2"
		" ORDER BY seq LIMIT 1",
	[STATEMENT_DENIAL_BEFORE] =
		"SELECT seq FROM events INDEXED BY events_denied"
		" WHERE session = ?1 AND verdict IN (0, 3) AND seq < ?2"
		" ORDER BY seq DESC LIMIT 1",
	[STATEMENT_SCAN_FORWARD] =
		"SELECT seq, process, question, pid, verb, verdict, object, argv,"
		" (SELECT text FROM texts WHERE id = mcp_text), asked_as, code"
		" FROM events WHERE session = ?1 AND seq >= ?2 ORDER BY seq",
	[STATEMENT_SCAN_BACKWARD] =
		"SELECT seq, process, question, pid, verb, verdict, object, argv,"
		" (SELECT text FROM texts WHERE id = mcp_text), asked_as, code"
		" FROM events WHERE session = ?1 AND seq <= ?2 ORDER BY seq DESC",
};

_Static_assert(
	VERDICT_DENY == 0 && VERDICT_FORBID == 3, "as the index of denials says");

const char *statement_sql(enum statement statement)
{
	invariant(statement < STATEMENT_COUNT && statements[statement]);
	return statements[statement];
}
