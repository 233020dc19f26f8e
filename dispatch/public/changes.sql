-- Moves that changed the public's stage of a visible case (visible.sql in the place of the mark), oldest first, as they became known.
select e.case_id, c.number, e.seq, e.to_state, e.recorded_at
from dispatch.case_event e
join dispatch.cases c on c.id = e.case_id
/* visible */
  and e.recorded_at >= :since and e.recorded_at <= :until and e.from_state || '>' || e.to_state = any(:changes)
order by e.recorded_at, e.id limit :limit offset :offset
