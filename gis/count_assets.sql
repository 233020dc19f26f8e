-- Of the staged references: how many the register holds; and how many it holds from this source that were not staged.
select (select count(*) from staged_asset) as known,
       (select count(*) from gis.asset a
        where a.source = :source and a.status <> 'removed'
          and not exists (select from staged_asset s where s.source_ref = a.source_ref)) as absent
