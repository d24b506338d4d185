-- Views of corpus.duckdb; docs/database.md describes them, with queries.
-- What counts plans, goals or themes leaves copies out; what tells of damage and copying has every plan.

-- The corpus in one row.
CREATE VIEW overview AS
SELECT (SELECT count(DISTINCT doc_id) FROM corpus) AS documents,
       (SELECT count(*) FROM corpus) AS all_plans,
       (SELECT count(*) FROM corpus WHERE duplicate_of = '') AS plans,
       (SELECT count(*) FROM corpus WHERE duplicate_of <> '') AS copies,
       (SELECT coalesce(sum(chars), 0)::BIGINT FROM corpus) AS chars,
       (SELECT count(*) FROM edits WHERE applied) AS edits,
       (SELECT count(*) FROM edits WHERE NOT applied) AS suggestions,
       (SELECT count(*) FROM themes) AS themes,
       (SELECT round(avg(quality), 4) FROM corpus) AS quality;

-- Plans without copies: each text once.
CREATE VIEW plans AS
SELECT * FROM corpus WHERE duplicate_of = '';

-- Goals of the plans without copies.
CREATE VIEW distinct_goals AS
SELECT goals.*, plans.title FROM goals JOIN plans USING (doc_id, section);

-- Figures to reach or reached, in base units where the unit has one.
CREATE VIEW targets AS
SELECT doc_id, section, title, goal_type, confidence, status, metric, comparator, value, unit, value_base, unit_base,
       period, quote, start, "end"
FROM distinct_goals WHERE value <> '';

-- How many goals of each type, in how many plans, planned and achieved.
CREATE VIEW goals_by_type AS
SELECT goal_type,
       count(*) AS n_goals,
       count(DISTINCT (doc_id, section)) AS n_plans,
       round(n_plans / (SELECT count(*) FROM plans), 4) AS share_of_plans,
       count(*) FILTER (status = 'planned') AS planned,
       count(*) FILTER (status = 'achieved') AS achieved,
       count(*) FILTER (value <> '') AS with_figure
FROM distinct_goals GROUP BY goal_type ORDER BY n_goals DESC, goal_type;

-- The same by the time they are for.
CREATE VIEW goals_by_period AS
SELECT period, goal_type, status,
       count(*) AS n_goals,
       count(DISTINCT (doc_id, section)) AS n_plans,
       count(*) FILTER (value <> '') AS with_figure
FROM distinct_goals GROUP BY ALL ORDER BY n_goals DESC, period, goal_type, status;

-- Themes of each plan by name, the strongest first.
CREATE VIEW plan_themes AS
SELECT doc_id, section, title, theme_id, label, weight,
       row_number() OVER (PARTITION BY doc_id, section ORDER BY weight DESC, theme_id) AS place
FROM section_themes JOIN themes USING (theme_id) JOIN plans USING (doc_id, section)
ORDER BY doc_id, section, place;

-- Pairs of plans that share text: how much of each.
CREATE VIEW shared_text AS
SELECT a_doc, a_section, a.title AS a_title, b_doc, b_section, b.title AS b_title,
       count(*) AS n_passages,
       sum(a_end - a_start)::BIGINT AS a_chars,
       sum(b_end - b_start)::BIGINT AS b_chars,
       round(a_chars / any_value(a.chars), 4) AS a_share,
       round(b_chars / any_value(b.chars), 4) AS b_share,
       round(avg(similarity), 4) AS similarity
FROM duplicates
JOIN corpus AS a ON a.doc_id = a_doc AND a.section = a_section
JOIN corpus AS b ON b.doc_id = b_doc AND b.section = b_section
WHERE (a_doc, a_section) <> (b_doc, b_section)
GROUP BY a_doc, a_section, a_title, b_doc, b_section, b_title
ORDER BY a_chars DESC, a_doc, a_section, b_doc, b_section;

-- Edits with the plan they lie in; section 0 is what stands before the first plan of a document.
CREATE VIEW plan_edits AS
SELECT edits.doc_id, coalesce(corpus.section, 0) AS section, stage, rule, kind, edits.raw_start, edits.raw_end,
       before, after, confidence, applied, why
FROM edits ASOF LEFT JOIN corpus ON edits.doc_id = corpus.doc_id AND edits.raw_start >= corpus.raw_start;

-- What was wrong with each plan: edits by kind.
CREATE VIEW damage AS
SELECT doc_id, section, title, chars, kind,
       count(*) FILTER (applied) AS applied,
       count(*) FILTER (NOT applied) AS suggested,
       round(1000 * count(*) FILTER (applied) / greatest(chars, 1), 2) AS per_1000
FROM plan_edits JOIN corpus USING (doc_id, section)
GROUP BY doc_id, section, title, chars, kind ORDER BY doc_id, section, applied DESC, kind;

-- What was changed, and what only suggested, by kind and rule.
CREATE VIEW changes AS
SELECT kind, rule,
       count(*) FILTER (applied) AS applied,
       count(*) FILTER (NOT applied) AS suggested,
       count(DISTINCT doc_id) AS n_documents,
       round(avg(confidence), 3) AS confidence
FROM edits GROUP BY kind, rule ORDER BY applied DESC, suggested DESC, kind, rule;
