-- The stretch of one road between two points of it, as lines that run from the first to the second. Its pieces are put together; round a ring
-- the shorter way counts; of two carriageways each has its stretch. Where no line passes both points, what lies in the box of the two.
with ends as (
    select st_setsrid(st_makepoint(:west, :south), 4326) as first, st_setsrid(st_makepoint(:east, :north), 4326) as last
), piece as (
    select a.geom from ends, gis.seen_asset a
    where a.kind = 'road' and a.name = :road and a.status <> 'removed' and a.geom && st_expand(st_envelope(st_collect(first, last)), 0.05)
), line as (
    select (st_dump(st_linemerge(st_collect(geom)))).geom as geom from piece
), fitting as (
    select geom, st_isclosed(geom) as ring, st_linelocatepoint(geom, first) as a, st_linelocatepoint(geom, last) as b
    from line, ends where st_dwithin(geom::geography, first::geography, 60) and st_dwithin(geom::geography, last::geography, 60)
), way as (
    select case when ring and abs(a - b) > 0.5
                then case when a < b then st_reverse(st_makeline(st_linesubstring(geom, b, 1), st_linesubstring(geom, 0, a)))
                          else st_makeline(st_linesubstring(geom, a, 1), st_linesubstring(geom, 0, b)) end
                when a > b then st_reverse(st_linesubstring(geom, b, a))
                else st_linesubstring(geom, a, b) end as geom
    from fitting where a <> b
), boxed as (
    select (st_dump(st_intersection(st_linemerge(st_collect(geom)), (select st_expand(st_envelope(st_collect(first, last)), 0.0003) from ends)))).geom as geom
    from piece
)
select st_asbinary(geom) as shape, st_length(geom::geography) as length_m from way where st_dimension(geom) = 1
union all
select st_asbinary(geom), st_length(geom::geography) from boxed where st_dimension(geom) = 1 and not exists (select from way)
