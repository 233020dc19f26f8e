-- What was derived from the names in changed_name.
delete from gis.named_place p using changed_name c where p.kind = c.kind and p.name = c.name;
delete from gis.crossing x using changed_name c where c.kind = 'road' and x.road = c.name;
delete from gis.crossing x using changed_name c where c.kind = 'road' and x.other = c.name;
delete from gis.house_number h using changed_name c where c.kind in ('road', 'address') and h.street = c.name
