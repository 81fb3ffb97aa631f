{{ config(materialized='materialized_view', tblproperties={'team': 'shop'}) }}
select customer, count(*) as orders from {{ ref('orders') }} group by customer
