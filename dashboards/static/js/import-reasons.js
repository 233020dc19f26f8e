// Why a row was refused or remarked upon, in the reader's words; the reason's key is what is counted.
import { _ } from "./i18n.js";

const REASONS = {
  no_geometry: _("no coordinates"), at_zero: _("coordinates are 0, 0"), wrong_shape: _("another kind of shape is wanted"), no_reference: _("nothing to know it by"),
  twice: _("the reference stands there twice"), unknown_value: _("a word that the mapping does not know"), swapped: _("longitude and latitude are swapped"),
  not_degrees: _("these are no degrees"), outside_china: _("outside China, where this system does not exist"), outside_system: _("cannot lie in this system"),
  far_away: _("too far from the city"), unreadable_shape: _("a shape that cannot be read"), too_complex: _("too complex to be repaired"),
  unfit_attributes: _("a value that the register does not accept"), arcs: _("arcs drawn as straight pieces"), repaired: _("taken after a repair"),
  unreadable_value: _("taken without a value that cannot be read"), no_polygon: _("encloses no ground"), not_standing: _("planned or under construction"),
  incomplete: _("nodes missing in the file"), not_closed: _("an area drawn open"), area_of_traffic: _("a square mapped as an area"), no_name: _("a place without a name"),
  boundary_incomplete: _("a boundary that is not complete"), boundary_no_area: _("a boundary that encloses nothing"), too_many_values: _("more values than columns"),
  time_unreadable: _("a time that cannot be read"), unknown_route: _("an unknown route"), unknown_service: _("an unknown service"), unknown_trip: _("an unknown trip"),
  unknown_stop: _("an unknown stop"), not_boarding: _("an entrance, not a stop"), too_few_stops: _("fewer than two stops"), no_times: _("first or last time missing"),
  runs_back: _("times run backward"), unknown_shape: _("taken, drawn through its stops"), in_future: _("in the future"),
  no_number: _("a number that cannot be held"), no_code: _("no code of a division"), nothing_above: _("the code above it is not in the list"), no_numbers: _("house numbers without numbers at the ends"),
  odd_numbers: _("house numbers that do not fit each other"), no_street: _("house numbers without a street"), invalid_area: _("an outline that encloses nothing"), outside_city: _("outside the city"),
};

export const reasonText = (reason) => REASONS[reason] ?? reason;
