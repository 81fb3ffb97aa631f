{{ config(materialized='incremental', incremental_strategy='append') }}
select id, amount, {{ 1 if is_incremental() else 0 }} as pass from {{ ref('orders') }}
