-- Of several staged rows with one reference the last counts.
delete from staged_asset s
using (select source_ref, max(position) as last from staged_asset group by source_ref having count(*) > 1) repeated
where s.source_ref = repeated.source_ref and s.position < repeated.last
