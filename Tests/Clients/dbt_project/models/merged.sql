{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}
select id, customer, {{ 1 if is_incremental() else 0 }} as pass from {{ ref('orders') }}
{% if is_incremental() %} where id >= 3 {% endif %}
