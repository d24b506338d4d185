-- Views of corpus.duckdb; docs/database.md describes them, with queries.

-- Plans without copies: each text once.
CREATE VIEW plans AS
SELECT * FROM corpus WHERE duplicate_of = '';

-- Goals of the plans without copies.
CREATE VIEW distinct_goals AS
SELECT goals.* FROM goals JOIN plans USING (doc_id, section);

-- Figures to reach or reached, in base units where the unit has one.
CREATE VIEW targets AS
SELECT doc_id, section, goal_type, status, metric, comparator, value, unit, value_base, unit_base, period, quote
FROM distinct_goals WHERE value <> '';

-- How many goals of each type, in how many plans, planned and achieved.
CREATE VIEW goals_by_type AS
SELECT goal_type,
       count(*) AS n_goals,
       count(DISTINCT (doc_id, section)) AS n_plans,
       count(*) FILTER (status = 'planned') AS planned,
       count(*) FILTER (status = 'achieved') AS achieved,
       count(*) FILTER (value <> '') AS with_figure
FROM distinct_goals GROUP BY goal_type ORDER BY n_goals DESC, goal_type;

-- The same by the time they are for.
CREATE VIEW goals_by_period AS
SELECT period, goal_type, status, count(*) AS n_goals, count(DISTINCT (doc_id, section)) AS n_plans
FROM distinct_goals GROUP BY ALL ORDER BY n_goals DESC, period, goal_type, status;

-- Themes of each plan by name, the strongest first.
CREATE VIEW plan_themes AS
SELECT doc_id, section, title, theme_id, label, weight
FROM section_themes JOIN themes USING (theme_id) JOIN corpus USING (doc_id, section)
ORDER BY doc_id, section, weight DESC, theme_id;

-- Pairs of plans that share text: how many passages, how many characters of the first.
CREATE VIEW shared_text AS
SELECT a_doc, a_section, b_doc, b_section,
       count(*) AS n_passages, sum(a_end - a_start) AS chars, round(avg(similarity), 4) AS similarity
FROM duplicates WHERE (a_doc, a_section) <> (b_doc, b_section)
GROUP BY a_doc, a_section, b_doc, b_section ORDER BY chars DESC, a_doc, a_section, b_doc, b_section;

-- What was changed, and what only suggested, by kind and rule.
CREATE VIEW changes AS
SELECT kind, rule, count(*) FILTER (applied) AS applied, count(*) FILTER (NOT applied) AS suggested
FROM edits GROUP BY kind, rule ORDER BY applied DESC, suggested DESC, kind, rule;
