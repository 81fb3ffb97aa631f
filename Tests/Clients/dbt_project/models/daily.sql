{{ config(materialized='table', tblproperties={'team': 'shop'}, partition_by='ordered') }}
select sum(amount) as total, count(*) as orders, ordered from {{ ref('orders') }} group by ordered
