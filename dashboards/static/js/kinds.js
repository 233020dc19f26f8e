// What kinds of thing are called; a kind that a mapping added shows its own word.
import { _ } from "./i18n.js";

const KINDS = {
  case: _("case"), address: _("address"), area: _("area"), unit_grid: _("unit grid"), road: _("road"), place: _("place"), building: _("building"),
  bridge: _("bridge"), water: _("water"), green: _("green space"), bus_stop: _("bus stop"), bus_line: _("bus line"), bus_depot: _("bus depot"), bus: _("bus"),
  metro_station: _("metro station"), car_park: _("car park"), public_facility: _("public facility"), service_point: _("service point"),
  street_lamp: _("street lamp"), lamp_cabinet: _("lamp cabinet"), lamp_circuit: _("lamp circuit"), rain_gauge: _("rain gauge"), water_plant: _("water plant"), water_main: _("water main"), valve: _("valve"), hydrant: _("hydrant"),
  flow_meter: _("flow meter"), pressure_meter: _("pressure meter"), sewer: _("sewer"), manhole: _("manhole"), outfall: _("outfall"), rainwater_grate: _("rainwater grate"),
  sewer_level_meter: _("sewer level meter"), litter_bin: _("litter bin"), street_sign: _("street sign"), traffic_sign: _("traffic sign"), traffic_signal: _("traffic signal"), camera: _("camera"),
};

export const kindName = (kind) => KINDS[kind] ?? kind;
