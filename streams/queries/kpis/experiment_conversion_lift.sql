/*
name: experiment_conversion_lift
title: Experiment lift on conversion
definition: >-
  How much more often, or less, those paid who were shown a variant of an experiment than those who
  were shown its control. Users count who saw the experiment first in the period, saw one variant
  only, and had not paid before, nor had their account; and of them the share that paid for the first
  time, or whose account did, within 14 days of it. The control is the variant `control`, or else
  the first by name. Who saw it less than 14 days ago does not count yet. Whether chance could have
  done it is not said.
formula: (share of the variant / share of the control − 1) × 100
unit: percent
better: higher
kind: leading
grain: month
needs: {roles: [exposure, subscription], views: [people, exposures, mrr_movements]}
settles: 14
group: experiment and variant
details: {control: "share of the control, percent"}
source: product-led growth; no benchmark is published
*/
WITH
    exposed AS
    (
        SELECT
            experiment,
            variant,
            account_id,
            user_id,
            at AS exposed_at,
            arrayJoin(if(account_id = '', [user_id], ['', user_id])) AS whose
        FROM exposures
        WHERE variants = 1
          AND {exposure_facts:Array(String)} != []
          AND at >= from_at
          AND at < to_at
          AND at <= now_at - INTERVAL 14 DAY
          AND (everybody OR (account_id, user_id) IN some_users)
    ),
    followed AS
    (
        SELECT
            dateTrunc({grain:String}, exposed_at) AS period,
            toString(experiment) AS experiment,
            toString(variant) AS variant,
            account_id,
            exposed.user_id AS user_id,
            min(paid_at) AS first_at,
            first_at <= exposed_at + INTERVAL 14 DAY AS follows
        FROM exposed
        LEFT JOIN first_paid
            ON first_paid.account_id = exposed.account_id AND first_paid.user_id = whose
        GROUP BY experiment, variant, account_id, user_id, exposed_at
        HAVING first_at IS NULL OR first_at >= exposed_at
    ),
    shares AS
    (
        SELECT period, experiment, variant, countIf(follows) AS hits, count() AS shown
        FROM followed
        GROUP BY period, experiment, variant
    ),
    controls AS
    (
        SELECT experiment, argMin(variant, (variant != 'control', variant)) AS variant
        FROM exposures
        GROUP BY experiment
    )
SELECT
    period,
    concat(experiment, ': ', shares.variant) AS group,
    hits AS numerator,
    shown AS denominator,
    100 * control_hits / control_shown AS control,
    100 * (100 * hits / shown / nullIf(control, 0) - 1) AS value
FROM shares
LEFT JOIN
(
    SELECT period, experiment, toNullable(hits) AS control_hits, toNullable(shown) AS control_shown
    FROM shares
    INNER JOIN controls USING (experiment, variant)
) AS of_control USING (period, experiment)
WHERE (experiment, shares.variant) NOT IN (SELECT experiment, variant FROM controls)
