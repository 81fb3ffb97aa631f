{{ config(materialized='streaming_table') }}
select id, pass from stream {{ ref('appended') }}
