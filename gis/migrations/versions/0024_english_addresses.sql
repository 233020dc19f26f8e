-- The address of a case in English, where the streets and things it names have English names.
alter table dispatch.cases add column address_en text default '' not null;
