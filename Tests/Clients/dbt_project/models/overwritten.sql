{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partition_by='ordered') }}
select id, {{ 1 if is_incremental() else 0 }} as pass, ordered from {{ ref('orders') }}
{% if is_incremental() %} where ordered = date'2026-01-01' {% endif %}
