/* screening/screen_schema.c - the table of keys, and values by path
 *
 * Order is the order of the reference table and of JSON Schema: parents before children, as a
 * campaign is written.  Bounds and defaults are texts, read by the same parser as the file, so that
 * they can be printed as they stand.
 */
#include "screening/screen_schema.h"

#include <stdio.h>
#include <string.h>

#define REQUIRED PETSC_TRUE
#define OPTIONAL PETSC_FALSE
#define NONE     SCREEN_DIM_FRACTION /* where a dimension has no meaning */
#define LATER(path, help)                                                                          \
  {                                                                                                \
    path, SCREEN_KEY_LATER, NONE, OPTIONAL, NULL, NULL, NULL, NULL, help                           \
  }
#define LATTICES "none|sc|bcc|fcc|hcp|diamond|rocksalt|cscl|zincblende|fluorite"
#define TARGET(path, help)                                                                         \
  {                                                                                                \
    path, SCREEN_KEY_QUANTITY, SCREEN_DIM_FRACTION, OPTIONAL, "0.001 %", "99 %", NULL, NULL, help  \
  }

/* clang-format off */
static const screen_key keys[] = {
  {"campaign", SCREEN_KEY_NAME, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "name of the campaign; results go to NAME.run unless --out says otherwise"},
  {"description", SCREEN_KEY_TEXT, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "one sentence for the readers of the results"},

  {"potential", SCREEN_KEY_MAP, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "what acts between the atoms"},
  {"potential.type", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "mtp", "mtp|lj|tosi-fumi",
   "a moment tensor potential from `file`; Lennard-Jones; rigid ions of Tosi and Fumi (to 512)"},
  {"potential.file", SCREEN_KEY_SOME, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "trained MLIP-2 .mtp or MLIP-3 .almtp; several are a committee; required by type mtp"},
  {"potential.species", SCREEN_KEY_ELEMENTS, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "elements in the order of the potential's species"},
  {"potential.extrapolation", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "limits of the extrapolation grade; watched where the potential has an active set"},
  {"potential.extrapolation.save", SCREEN_KEY_QUANTITY, SCREEN_DIM_NUMBER, OPTIONAL, "0", "1e9",
   "2", NULL,
   "values of a point get the flag `extrapolating` above this grade in production, and the worst "
   "configurations are kept in extrapolating.xyz; 0: never"},
  {"potential.extrapolation.break", SCREEN_KEY_QUANTITY, SCREEN_DIM_NUMBER, OPTIONAL, "0", "1e9",
   "10", NULL, "a replica ends when an atom has a grade above this; 0: it goes on"},
  {"potential.cutoff", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "1 A", "50 A", NULL, NULL,
   "where pairs end; required by lj and tosi-fumi, whose Ewald sum takes it for its real part"},
  {"potential.truncation", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "shifted",
   "truncated|shifted|force-shifted",
   "what is done at the cut-off of lj and tosi-fumi: nothing, energy or energy and force made 0"},
  {"potential.pairs", SCREEN_KEY_NAMES, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "parameters of pairs such as Ar or Ar-Kr; lj mixes what is left out (Lorentz-Berthelot)"},
  {"potential.pairs.*", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "one pair of elements: epsilon, sigma for lj; A, rho, sigma, C, D for tosi-fumi"},
  {"potential.pairs.*.epsilon", SCREEN_KEY_QUANTITY, SCREEN_DIM_ENERGY, OPTIONAL, "0 eV", "100 eV",
   NULL, NULL, "lj: depth of the minimum; in K: over the Boltzmann constant"},
  {"potential.pairs.*.sigma", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "0.1 A", "20 A",
   NULL, NULL, "lj: distance of zero energy; tosi-fumi: sum of two radii"},
  {"potential.pairs.*.A", SCREEN_KEY_QUANTITY, SCREEN_DIM_ENERGY, OPTIONAL, "0 eV", "1e9 eV", NULL,
   NULL, "tosi-fumi: repulsion at the distance sigma"},
  {"potential.pairs.*.rho", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "0.01 A", "10 A",
   NULL, NULL, "tosi-fumi: range of the repulsion"},
  {"potential.pairs.*.C", SCREEN_KEY_QUANTITY, SCREEN_DIM_C6, OPTIONAL, "0 eV A^6", "1e9 eV A^6",
   NULL, NULL, "tosi-fumi: dispersion, C/r^6"},
  {"potential.pairs.*.D", SCREEN_KEY_QUANTITY, SCREEN_DIM_C8, OPTIONAL, "0 eV A^8", "1e9 eV A^8",
   NULL, NULL, "tosi-fumi: dispersion, D/r^8"},
  {"potential.salt", SCREEN_KEY_TEXT, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "tosi-fumi: parameters of an alkali halide by its name, NaCl, instead of pairs"},
  {"potential.accuracy", SCREEN_KEY_QUANTITY, SCREEN_DIM_NUMBER, OPTIONAL, "1e-12", "1e-3", "1e-7",
   NULL, "tosi-fumi: relative error of the forces from the Ewald sum"},

  {"system", SCREEN_KEY_MAP, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "what is in the cell"},
  {"system.components", SCREEN_KEY_NAMES, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "what the melt is mixed from; the names are the axes of the results"},
  {"system.components.*", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "one component"},
  {"system.components.*.formula", SCREEN_KEY_FORMULA, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "its formula unit; only whole ones are put into the cell. May be left out beside `molecule`"},
  {"system.components.*.molecule", SCREEN_KEY_SOME, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "geometry (.xyz) of a molecule in the formula unit, or of several; other atoms are single"},
  {"system.components.*.density", SCREEN_KEY_QUANTITY, SCREEN_DIM_DENSITY, OPTIONAL, "0.01 g/cm3",
   "30 g/cm3", NULL, NULL,
   "density of the pure liquid, for volume fractions, molarities and packing"},
  {"system.components.*.electrons", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "0", "8", "0", NULL,
   "electrons of a metal or a dissolved metal that no ion holds; they make its charge neutral"},
  {"system.charges", SCREEN_KEY_NAMES, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "formal charges of elements and of molecules; with them every component must be neutral"},
  {"system.charges.*", SCREEN_KEY_QUANTITY, SCREEN_DIM_CHARGE, OPTIONAL, "-8", "8", NULL, NULL,
   "formal charge of this element, or of the molecule with this file name (PF6 for PF6.xyz)"},
  {"system.masses", SCREEN_KEY_NAMES, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "masses of elements that are not the natural ones: isotopes"},
  {"system.masses.*", SCREEN_KEY_QUANTITY, SCREEN_DIM_MASS, OPTIONAL, "0.5 u", "1000 u", NULL, NULL,
   "mass of this element"},
  {"system.composition", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "fraction of each component; may be left out for a single component"},
  {"system.composition.unit", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "mole fraction",
   "mole fraction|mass fraction|volume fraction", "what the fractions count; mole: formula units"},
  {"system.composition.*", SCREEN_KEY_SHARE, SCREEN_DIM_FRACTION, OPTIONAL, "0", "1", NULL, NULL,
   "fraction of this component among those without a unit; `balance`, once, takes the rest"},
  {"system.atoms", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "2", "100000000", NULL, NULL,
   "wanted number of atoms; whole formula units come close to it. Not with `initial`"},
  {"system.cell", SCREEN_KEY_CELL, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "shape of the cell, a cube by default; edges with a unit instead of `atoms`"},
  {"system.density", SCREEN_KEY_QUANTITY, SCREEN_DIM_DENSITY, OPTIONAL, "0.01 g/cm3", "30 g/cm3",
   NULL, NULL, "density at which atoms are packed; without it from volumes of the elements"},
  {"system.initial", SCREEN_KEY_FILE, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "starting configuration instead of packing: .cfg, extended .xyz or LAMMPS .data"},
  {"system.start", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "how the first configuration is made"},
  {"system.start.type", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "random",
   "random|crystal|two-phase|slab|file",
   "packed at random, on a lattice, regions along z, the same beside vacuum, or read"},
  {"system.start.file", SCREEN_KEY_FILE, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "for `file`: the same as `system.initial`"},
  {"system.start.lattice", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "none", LATTICES,
   "for `crystal`; ions of one sign share a sublattice"},
  {"system.start.parameter", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "1 A", "30 A", NULL,
   NULL, "for `crystal`: lattice parameter; without it from the density"},
  {"system.start.regions", SCREEN_KEY_NAMES, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "for `two-phase` and `slab`: phases from the bottom to the top"},
  {"system.start.regions.*", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "one phase"},
  {"system.start.regions.*.components", SCREEN_KEY_WORDS, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "components in it, all of them; each component is in one region"},
  {"system.start.regions.*.density", SCREEN_KEY_QUANTITY, SCREEN_DIM_DENSITY, OPTIONAL,
   "0.01 g/cm3", "30 g/cm3", NULL, NULL, "its density"},
  {"system.start.regions.*.lattice", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "none",
   LATTICES, "a crystal instead of random places"},
  {"system.start.vacuum", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "0 A", "1000 A", "0 A",
   NULL, "for `slab`: height that stays empty; all stages then keep the volume"},

  {"conditions", SCREEN_KEY_MAP, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "state variables"},
  {"conditions.temperature", SCREEN_KEY_AXIS, SCREEN_DIM_TEMPERATURE, REQUIRED, "1 K", "20000 K",
   NULL, NULL, "temperatures of the grid"},
  {"conditions.pressure", SCREEN_KEY_AXIS, SCREEN_DIM_PRESSURE, OPTIONAL, "-1 GPa", "100 GPa",
   "0 bar", NULL, "pressures of the grid"},
  {"conditions.liquid_above", SCREEN_KEY_CURVE, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "the liquidus, linear between its points; points of the grid below it are excluded"},

  {"simulation", SCREEN_KEY_MAP, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "how the dynamics is run; lengths are rounded to whole time steps, at least one"},
  {"simulation.timestep", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "0.05 fs", "10 fs",
   "1 fs", NULL, "time step; required with elements lighter than 4 u, for which 1 fs is long"},
  {"simulation.equilibration", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, REQUIRED, "0 fs",
   "1000 us", NULL, NULL, "length of the part that is thrown away, at constant pressure"},
  {"simulation.production", SCREEN_KEY_MAP, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "lengths of what is measured; parts that no property asks for are not run"},
  {"simulation.production.npt", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "0 fs", "1000 us",
   "0 fs", NULL, "at constant pressure: density, heat_capacity, structure, potential_energy"},
  {"simulation.production.nve", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "0 fs", "1000 us",
   "0 fs", NULL, "at constant energy, from where the constant pressure ended: what is transported"},
  {"simulation.production.rescaling", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "1 ps",
   "1000 ns", NULL, NULL,
   "time of stochastic velocity rescaling in the nve production; without it energy is constant"},
  {"simulation.production.rnemd", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "0 fs",
   "1000 us", NULL, NULL,
   "runs with an imposed flux, all of one property in one cell together; else as long as nve"},
  {"simulation.anneal", SCREEN_KEY_MAPS, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "temperature schedule of the equilibration, from 2.5 ps on; it must end at the temperature of "
   "the point"},
  {"simulation.anneal.*", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "one step: a ramp, or `hold`"},
  {"simulation.anneal.*.to", SCREEN_KEY_QUANTITY, SCREEN_DIM_TEMPERATURE, OPTIONAL, "1 K",
   "20000 K", NULL, NULL, "where a ramp ends; without it at the temperature of the point"},
  {"simulation.anneal.*.over", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "10 fs", "1000 us",
   NULL, NULL, "time of a ramp"},
  {"simulation.anneal.*.hold", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "10 fs", "1000 us",
   NULL, NULL, "time at the temperature reached"},
  {"simulation.replicas", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "1000", "4", NULL,
   "independent runs of each point; their scatter is part of the error"},
  {"simulation.give_up_after", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "0", "1000", "3", NULL,
   "failed replicas after which a point is quarantined and its others are not run; 0: all run"},
  {"simulation.max_replicas", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "10000", NULL, NULL,
   "with targets: no more replicas of a point than this; else 4 times `replicas`, at least 24"},
  {"simulation.thermostat_time", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "1 fs", "1 ns",
   "0.1 ps", NULL, "the same as thermostat.time"},
  {"simulation.barostat_time", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "10 fs", "1 ns",
   "1 ps", NULL, "the same as barostat.time"},
  {"simulation.thermostat", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "of equilibration (after 2.5 ps) and npt production"},
  {"simulation.thermostat.type", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL,
   "stochastic-rescaling", "stochastic-rescaling|nose-hoover|langevin",
   "nose-hoover goes with martyna-tobias-klein and is its default"},
  {"simulation.thermostat.time", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "1 fs", "1 ns",
   "0.1 ps", NULL, "its relaxation time"},
  {"simulation.barostat", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "of equilibration and npt production"},
  {"simulation.barostat.type", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL,
   "stochastic-cell-rescaling", "stochastic-cell-rescaling|martyna-tobias-klein",
   "martyna-tobias-klein goes with nose-hoover and is its default"},
  {"simulation.barostat.time", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "10 fs", "1 ns",
   "1 ps", NULL, "its relaxation time"},
  {"simulation.barostat.shape", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "isotropic",
   "isotropic|semi-isotropic|anisotropic|uniaxial",
   "all axes together; x and y apart from z; each axis alone; only z (two-phase, slab: default)"},
  {"simulation.compressibility", SCREEN_KEY_QUANTITY, SCREEN_DIM_COMPRESSIBILITY, OPTIONAL,
   "1e-13 1/Pa", "1e-6 1/Pa", "2e-10 1/Pa", NULL,
   "isothermal compressibility that the barostat assumes; scales its time, not the averages"},
  {"simulation.seed", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "0", "9007199254740991", "1", NULL,
   "seed of all random numbers"},
  {"simulation.trajectory", SCREEN_KEY_SHORT, SCREEN_DIM_TIME, OPTIONAL, "0 fs",
   "1000 us", "0 fs", NULL,
   "frames of the productions in files; a time alone is `every`; 0 fs: none"},
  {"simulation.trajectory.every", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, REQUIRED, "0 fs",
   "1000 us", NULL, NULL, "time between frames; 0 fs: none"},
  {"simulation.trajectory.format", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "xyz",
   "xyz|h5md", "xyz: extended XYZ, all digits; h5md: HDF5, compact, for MDAnalysis and h5py"},
  {"simulation.trajectory.precision", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "single",
   "single|double", "of positions and velocities in h5md: 4 or 8 bytes a number"},
  {"simulation.trajectory.velocities", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "velocities in h5md, too; xyz has them always"},
  {"simulation.guards", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "limits beyond which a replica no longer describes the liquid and ends (md/README.md)"},
  {"simulation.guards.minimum_distance", SCREEN_KEY_LIMIT, SCREEN_DIM_NUMBER, OPTIONAL, "0.01",
   "1", "0.5", NULL,
   "smallest distance of two atoms, in units of the shortest the potential knows"},
  {"simulation.guards.displacement", SCREEN_KEY_LIMIT, SCREEN_DIM_LENGTH, OPTIONAL, "0.01 A",
   "10 A", "1 A", NULL, "largest displacement of an atom in one step, and none without neighbours; "
   "beside vacuum: off"},
  {"simulation.guards.force", SCREEN_KEY_LIMIT, SCREEN_DIM_FORCE, OPTIONAL, "0.1 eV/A",
   "1e6 eV/A", "50 eV/A", NULL, "largest force on an atom"},
  {"simulation.guards.temperature", SCREEN_KEY_LIMIT, SCREEN_DIM_NUMBER, OPTIONAL, "1", "1000",
   "3", NULL, "highest kinetic temperature, in units of the target"},
  {"simulation.guards.pressure", SCREEN_KEY_LIMIT, SCREEN_DIM_NUMBER, OPTIONAL, "0.1", "1e6",
   "20", NULL, "largest deviation of the pressure, in units of density times k_B T"},
  {"simulation.guards.contraction", SCREEN_KEY_LIMIT, SCREEN_DIM_NUMBER, OPTIONAL, "0.01", "1",
   "0.4", NULL, "smallest volume, in units of that at the start of the stage"},
  {"simulation.guards.expansion", SCREEN_KEY_LIMIT, SCREEN_DIM_NUMBER, OPTIONAL, "1", "100",
   "2.5", NULL, "largest volume, in units of that at the start of the stage"},
  {"simulation.guards.energy_drift", SCREEN_KEY_LIMIT, SCREEN_DIM_NUMBER, OPTIONAL, "1e-6",
   "1000", "0.1", NULL, "largest change of the total energy at constant energy, in units of the "
   "kinetic energy"},
  {"simulation.guards.void", SCREEN_KEY_LIMIT, SCREEN_DIM_NUMBER, OPTIONAL, "10", "1e6", "40",
   NULL, "productions: atoms that a sphere should hold which has less than a quarter of them: "
   "evaporation"},
  {"simulation.guards.freezing", SCREEN_KEY_LIMIT, SCREEN_DIM_NUMBER, OPTIONAL, "0.01", "1e6",
   "6", NULL, "productions: bond order of atoms that stay where they are, Q squared times their "
   "number"},
  {"simulation.guards.demixing", SCREEN_KEY_LIMIT, SCREEN_DIM_NUMBER, OPTIONAL, "0.001", "1",
   "0.3", NULL, "productions: segregation of a species, 0 at random, 1 apart; two-phase and "
   "slab: off"},
  {"simulation.guards.window", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "0 fs", "1 us",
   "5 ps", NULL, "how long void, freezing and demixing must last"},
  {"simulation.guards.check_every", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "1000000000", "200",
   NULL, "steps between looks at distances, temperature, pressure, volume and energy; forces and "
   "displacements: every step"},
  {"simulation.guards.every", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "1000000000", "500", NULL,
   "steps between looks at void, freezing and demixing"},
  {"simulation.electronic", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "insulator",
   "insulator|mixed|metal",
   "kind of liquid: electrons conduct charge and heat in a metal, and in a mixed conductor, too"},

  {"properties", SCREEN_KEY_MAP, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "what is computed: at least one; write `density: {}`"},
  {"properties.density", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "density, expansion and compressibility, from the NPT production"},
  TARGET("properties.density.target", "relative standard error wanted"),
  {"properties.heat_capacity", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "heat capacities and speed of sound, from the NPT production and the grid of temperatures"},
  TARGET("properties.heat_capacity.target", "relative standard error wanted"),
  {"properties.viscosity", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "shear viscosity, from the NVE production"},
  {"properties.viscosity.method", SCREEN_KEY_SET, NONE, OPTIONAL, NULL, NULL, NULL,
   "green-kubo|rnemd",
   "from fluctuations, from an imposed flux in a cell of its own, or both; without it green-kubo"},
  {"properties.viscosity.cell", SCREEN_KEY_CELL, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "rnemd: so many of the point's cells (1 x 1 x 3), or edges, rounded to whole ones"},
  {"properties.viscosity.swap_every", SCREEN_KEY_AXIS, SCREEN_DIM_TIME, OPTIONAL, "0.1 fs", "1 us",
   NULL, NULL, "rnemd: times between exchanges, one run each; else two that fit the cell"},
  {"properties.viscosity.slabs", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "12", "1000", "20", NULL,
   "rnemd: parts of the cell along z; an even number"},
  {"properties.viscosity.cutoff", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "10 fs", "100 ns",
   NULL, NULL,
   "where the truncated integral ends that is given for comparison; 25 ps with charges, else 5 ps"},
  TARGET("properties.viscosity.target", "relative standard error wanted"),
  {"properties.diffusion", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "self-diffusion coefficient of each element, from the NVE production"},
  {"properties.diffusion.radius", SCREEN_KEY_NAMES, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "hydrodynamic radii of elements for Stokes-Einstein; else from the first peak of g(r)"},
  {"properties.diffusion.radius.*", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "0.1 A",
   "100 A", NULL, NULL, "radius of this element"},
  TARGET("properties.diffusion.target", "relative standard error wanted, of every element"),
  {"properties.ionic_conductivity", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "ionic conductivity with system.charges, from the NVE production; not of a metal"},
  {"properties.ionic_conductivity.cutoff", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "10 fs",
   "100 ns", "25 ps", NULL, "where the truncated integral ends that is given for comparison"},
  TARGET("properties.ionic_conductivity.target", "relative standard error wanted"),
  {"properties.thermal_conductivity", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "thermal conductivity, from the NVE production without rescaling; of a metal what ions conduct"},
  {"properties.thermal_conductivity.method", SCREEN_KEY_SET, NONE, OPTIONAL, NULL, NULL, NULL,
   "green-kubo|rnemd",
   "from fluctuations, from an imposed flux in a cell of its own, or both; without it green-kubo"},
  {"properties.thermal_conductivity.cell", SCREEN_KEY_CELL, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "rnemd: so many of the point's cells (1 x 1 x 3), or edges, rounded to whole ones"},
  {"properties.thermal_conductivity.swap_every", SCREEN_KEY_AXIS, SCREEN_DIM_TIME, OPTIONAL,
   "0.1 fs", "1 us", NULL, NULL,
   "rnemd: times between exchanges, one run each, in longer cells longer; else two that fit"},
  {"properties.thermal_conductivity.slabs", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "12", "1000", "20",
   NULL, "rnemd: parts of the cell along z; an even number"},
  {"properties.thermal_conductivity.lengths", SCREEN_KEY_AXIS, SCREEN_DIM_NUMBER, OPTIONAL, "1",
   "100", NULL, NULL,
   "rnemd: cells so many times as long along z as `cell`, from which an infinite one is inferred"},
  TARGET("properties.thermal_conductivity.target", "relative standard error wanted"),
  {"properties.structure", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "radial distribution functions and coordination numbers of all pairs, from the NPT production"},
  {"properties.structure.every", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "1 fs", "100 ps",
   "200 fs", NULL,
   "time between samples of g(r); structure factors and ligands are taken every tenth of them"},
  {"properties.structure.rdf", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "settings of the radial distribution functions"},
  {"properties.structure.rdf.rmax", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "2 A", "30 A",
   "10 A", NULL, "largest distance"},
  {"properties.structure.structure_factor", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL,
   NULL, "partial structure factors of all pairs"},
  {"properties.structure.structure_factor.qmax", SCREEN_KEY_QUANTITY, SCREEN_DIM_WAVE, OPTIONAL,
   "1 1/A", "20 1/A", "8 1/A", NULL, "largest wave number"},
  {"properties.structure.ligands", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "how many neighbours atoms have in the first shell, and the angles between these"},
  {"properties.structure.lifetimes", SCREEN_KEY_NAMES, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "how long neighbours stay: pairs of elements with the radii of their first shells"},
  {"properties.structure.lifetimes.*", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "0.5 A",
   "20 A", NULL, NULL, "radius of the first shell of this pair, as in Ca-Cl: 3.6 A"},
  {"properties.structure.tolerance", SCREEN_KEY_QUANTITY, SCREEN_DIM_TIME, OPTIONAL, "0 fs",
   "100 ps", "0.5 ps", NULL, "absence from the shell that is no end of a lifetime"},
  LATER("properties.structure.coordination", "this version gives the numbers of all pairs"),
  LATER("properties.structure.target", "its many values have no common error"),
  {"properties.potential_energy", SCREEN_KEY_SWITCH, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "potential energy per atom, from the NPT production, or from NVE where there is no NPT"},
  LATER("properties.potential_energy.target",
        "the zero of an energy is arbitrary, and so is its relative error"),

  {"compare", SCREEN_KEY_FILES, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "CSV files with measured values to set beside the results"},
  {"budget", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "with targets: what may be spent"},
  {"budget.core_hours", SCREEN_KEY_QUANTITY, SCREEN_DIM_NUMBER, OPTIONAL, "1e-6", "1e12", NULL,
   NULL, "no replica beyond `replicas` is begun that would make the campaign cost more"},
  LATER("export", "liquidus export DIR FORMAT... writes them from a finished table"),
  {"queue", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "the batch system, for `liquidus submit`; what is not here comes from the site's file"},
  {"queue.system", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "local",
   "local|slurm|pbs|torque", "in the background on this machine, or by sbatch or qsub"},
  {"queue.nodes", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "100000", "1", NULL, "nodes of a job"},
  {"queue.tasks_per_node", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "100000", NULL, NULL,
   "processes that compute on each node; without it the cores of the machine that submits"},
  {"queue.group", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "100000", "1", NULL,
   "processes that share the atoms of a task, as in run --group; for large cells"},
  {"queue.walltime", SCREEN_KEY_QUANTITY, SCREEN_DIM_WALLTIME, OPTIONAL, "1 s", "365 d", NULL,
   NULL, "limit of a job; it stops before and a successor goes on"},
  {"queue.partition", SCREEN_KEY_TEXT, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "partition (slurm) or queue"},
  {"queue.account", SCREEN_KEY_TEXT, NONE, OPTIONAL, NULL, NULL, NULL, NULL, "who is charged"},
  {"queue.memory", SCREEN_KEY_TEXT, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "memory of a node, as the batch system writes it, such as 4G"},
  {"queue.directives", SCREEN_KEY_TEXT, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "further lines for #SBATCH or #PBS, such as --constraint=zen4"},
  {"queue.setup", SCREEN_KEY_TEXT, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "shell commands before the run, such as module load mpich"},

  {"train", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "in a file of its own, for `liquidus train`: how a potential is fitted"},
  {"train.name", SCREEN_KEY_NAME, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "name of the potential; it is written to NAME.almtp beside the file"},
  {"train.species", SCREEN_KEY_ELEMENTS, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "elements in the order of the types 0, 1, ... of .cfg files"},
  {"train.data", SCREEN_KEY_SOME, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "configurations with energies, forces, stresses: .cfg or extended XYZ; required without "
   "`active_learning.seeds`"},
  {"train.validation", SCREEN_KEY_SOME, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "configurations that are not fitted; the best start and the best moment are those for them"},
  {"train.start", SCREEN_KEY_FILE, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "a trained potential to go on from; its radial size and distances are kept, and its level "
   "unless `level` raises it"},
  {"train.level", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "2", "28", "12", NULL,
   "level of the moment basis"},
  {"train.radial_size", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "2", "40", "8", NULL,
   "Chebyshev polynomials of a radial function"},
  {"train.cutoff", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "1 A", "20 A", "6 A", NULL,
   "distance beyond which atoms do not see each other"},
  {"train.min_distance", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "0.1 A", "10 A", NULL,
   NULL, "where radial polynomials begin; without it 0.99 of the smallest distance in `data`"},
  {"train.weights", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "of squared errors in the loss (mtp/mtp_loss.h)"},
  {"train.weights.energy", SCREEN_KEY_QUANTITY, SCREEN_DIM_NUMBER, OPTIONAL, "0", "1e9", "1", NULL,
   "of the energy of a configuration, 1/eV^2, over its atoms to the power of `scaling`"},
  {"train.weights.force", SCREEN_KEY_QUANTITY, SCREEN_DIM_NUMBER, OPTIONAL, "0", "1e9", "0.01",
   NULL, "of the force on an atom, A^2/eV^2"},
  {"train.weights.stress", SCREEN_KEY_QUANTITY, SCREEN_DIM_NUMBER, OPTIONAL, "0", "1e9", "0.001",
   NULL, "of the virial, 1/eV^2, over the number of atoms"},
  {"train.weights.scaling", SCREEN_KEY_QUANTITY, SCREEN_DIM_NUMBER, OPTIONAL, "0", "2", "1", NULL,
   "1: molecular dynamics; 2: energies per atom count alike; 0: whole energies"},
  {"train.starts", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "1000", "1", NULL,
   "fits from different random starts, the best of which is written"},
  {"train.seed", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "0", "2000000000", "1", NULL,
   "of the first random start; the others have the numbers after it"},
  {"train.steps", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "0", "1000000", "1000", NULL,
   "quasi-Newton steps of a fit at most; 0: only the linear coefficients"},
  {"train.tolerance", SCREEN_KEY_QUANTITY, SCREEN_DIM_FRACTION, OPTIONAL, "0", "1", "0.1 %", NULL,
   "a fit ends when 50 steps gain less than this share of the loss"},
  {"train.patience", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "0", "1000", "0", NULL,
   "with `validation`: a fit ends after so many times 50 steps without a new best; 0: never"},
  {"train.active_set", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "neighbourhood",
   "neighbourhood|configuration|none",
   "rows of `data` selected by MaxVol, so that extrapolation can be watched"},
  {"train.active_learning", SCREEN_KEY_MAP, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "dynamics, selection, labels, fit, again and again until nothing new is met"},
  {"train.active_learning.campaign", SCREEN_KEY_FILE, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "dynamics of every round; its `potential.file` is NAME.almtp"},
  {"train.active_learning.rounds", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "1000", "10", NULL,
   "rounds at most"},
  {"train.active_learning.seeds", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "0", "100000", "0", NULL,
   "starting cells of the campaign, packed anew at several volumes, that are labelled before the "
   "first fit"},
  {"train.active_learning.labels", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "100000", "24", NULL,
   "labels of a round at most, those with the largest grades"},
  {"train.active_learning.ranks", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "2", "100000", "2", NULL,
   "MPI ranks of fits, and of campaigns, where one of them dispatches"},
  {"train.active_learning.min_distance", SCREEN_KEY_QUANTITY, SCREEN_DIM_LENGTH, OPTIONAL, "0.1 A",
   "10 A", NULL, NULL,
   "configurations with closer atoms get no label; without it 0.75 of the potential's "
   "`min_distance`"},
  {"train.active_learning.oracle", SCREEN_KEY_MAP, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "the program that computes energy, forces and stress"},
  {"train.active_learning.oracle.type", SCREEN_KEY_CHOICE, NONE, OPTIONAL, NULL, NULL, "files",
   "files|cp2k|espresso",
   "how its input and output look: files of configurations; CP2K; pw.x of Quantum ESPRESSO"},
  {"train.active_learning.oracle.command", SCREEN_KEY_TEXT, NONE, REQUIRED, NULL, NULL, NULL, NULL,
   "run by `sh -c` in the folder of the job; LIQUIDUS_ORACLE_HOME is the folder of this file"},
  {"train.active_learning.oracle.template", SCREEN_KEY_FILE, NONE, OPTIONAL, NULL, NULL, NULL, NULL,
   "input with @CELL@ and @COORD@, for espresso @NAT@, too; required by cp2k and espresso"},
  {"train.active_learning.oracle.time_limit", SCREEN_KEY_QUANTITY, SCREEN_DIM_WALLTIME, OPTIONAL,
   "1 s", "365 d", "1 h", NULL, "of one try, which is ended then"},
  {"train.active_learning.oracle.tries", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "100", "2", NULL,
   "of a configuration, before it is given up"},
  {"train.active_learning.oracle.jobs", SCREEN_KEY_INTEGER, NONE, OPTIONAL, "1", "1000", "1", NULL,
   "that run at a time"},
  {"train.active_learning.oracle.max_force", SCREEN_KEY_LIMIT, SCREEN_DIM_FORCE, OPTIONAL,
   "0.1 eV/A", "1e6 eV/A", "50 eV/A", NULL, "labels with a larger force on an atom are refused"},
  {"train.active_learning.oracle.max_net_force", SCREEN_KEY_LIMIT, SCREEN_DIM_FORCE, OPTIONAL,
   "1e-6 eV/A", "1e6 eV/A", "0.05 eV/A", NULL,
   "those whose forces add up to more, divided by the number of atoms, are refused: the grid is "
   "too coarse"},
};
/* clang-format on */
enum { NKEY = sizeof(keys) / sizeof(keys[0]) };

const screen_key *screen_schema_keys(PetscInt *n)
{
  *n = NKEY;
  return keys;
}

const screen_key *screen_schema_key(const char *path)
{
  for (size_t k = 0; k < NKEY; k++) {
    if (!strcmp(keys[k].path, path)) return &keys[k];
  }
  return NULL;
}

const screen_key *screen_schema_child(const char *parent, const char *name)
{
  char path[2 * SCREEN_YAML_KEY_MAX + 128];
  const char *dot = parent[0] ? "." : "";
  const screen_key *key;

  if (strpbrk(name, ".*")) return NULL;
  snprintf(path, sizeof(path), "%s%s%s", parent, dot, name);
  key = screen_schema_key(path);
  if (key) return key;
  snprintf(path, sizeof(path), "%s%s*", parent, dot);
  return screen_schema_key(path);
}

const screen_key *screen_schema_below(const char *parent, PetscInt k)
{
  const size_t length = strlen(parent);

  for (size_t i = 0; i < NKEY; i++) {
    const char *rest = keys[i].path;

    if (length) {
      if (strncmp(rest, parent, length) || rest[length] != '.') continue;
      rest += length + 1;
    }
    if (!strchr(rest, '.') && k-- == 0) return &keys[i];
  }
  return NULL;
}

const char *screen_key_name(const screen_key *key)
{
  const char *dot = strrchr(key->path, '.');

  return dot ? dot + 1 : key->path;
}

char *screen_schema_list(const char *path, size_t size, char out[])
{
  const screen_key *child;
  size_t used = 0;

  out[0] = '\0';
  for (PetscInt k = 0; (child = screen_schema_below(path, k)) && used < size; k++) {
    const char *name = screen_key_name(child);

    if (child->kind == SCREEN_KEY_LATER) continue;
    used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                             strcmp(name, "*") ? name : "names of components");
  }
  return out;
}

/* "insulator, mixed or metal" */
static void describe_choices(const char *choices, size_t size, char out[])
{
  const char *last = strrchr(choices, '|');
  size_t used = 0;

  for (const char *c = choices; *c && used + 5 < size; c++) {
    if (*c != '|')
      out[used++] = *c;
    else
      used += (size_t)snprintf(out + used, size - used, "%s", c == last ? " or " : ", ");
  }
  out[used] = '\0';
}

char *screen_key_describe(const screen_key *key, size_t size, char out[])
{
  char parts[256];
  int used;

  switch (key->kind) {
  case SCREEN_KEY_MAP:
  case SCREEN_KEY_SWITCH:
    screen_schema_list(key->path, sizeof(parts), parts);
    if (key->kind == SCREEN_KEY_MAP)
      snprintf(out, size, "a map with keys among %s", parts);
    else if (parts[0])
      snprintf(out, size, "{}, true, false or a map with keys among %s", parts);
    else
      snprintf(out, size, "{}, true or false");
    break;
  case SCREEN_KEY_NAMES:
    snprintf(out, size, "a map from names to values");
    break;
  case SCREEN_KEY_TEXT:
    snprintf(out, size, "a text");
    break;
  case SCREEN_KEY_NAME:
    snprintf(out, size, "a name of at most 63 letters, digits, '_', '-' and '.'");
    break;
  case SCREEN_KEY_FILE:
    snprintf(out, size, "one file name");
    break;
  case SCREEN_KEY_FILES:
    snprintf(out, size, "a list of file names");
    break;
  case SCREEN_KEY_FORMULA:
    snprintf(out, size, "a formula, such as CaCl2");
    break;
  case SCREEN_KEY_ELEMENTS:
    snprintf(out, size, "a list of elements, such as [Ca, K, Cl]");
    break;
  case SCREEN_KEY_INTEGER:
    snprintf(out, size, "a whole number");
    break;
  case SCREEN_KEY_QUANTITY:
    screen_dimension_describe(key->dimension, size, out);
    break;
  case SCREEN_KEY_SHORT:
    screen_dimension_describe(key->dimension, sizeof(parts), parts);
    used = snprintf(out, size, "%s, or a map with keys among ", parts);
    if (used > 0 && (size_t)used < size)
      screen_schema_list(key->path, size - (size_t)used, out + used);
    break;
  case SCREEN_KEY_LIMIT:
    screen_dimension_describe(key->dimension, sizeof(parts), parts);
    snprintf(out, size, "%s, or off", parts);
    break;
  case SCREEN_KEY_AXIS:
    screen_dimension_describe(key->dimension, sizeof(parts), parts);
    snprintf(out, size, "%s, a list of them or { from, to, step }", parts);
    break;
  case SCREEN_KEY_SHARE:
    screen_dimension_describe(key->dimension, sizeof(parts), parts);
    snprintf(out, size, "%s, a list of them, { from, to, step } or balance; in %s", parts,
             "mol/L, mol/kg or units for a solute; 3:7 for a ratio");
    break;
  case SCREEN_KEY_CELL:
    snprintf(out, size,
             "three edges, such as 3.6 x 3.6 x 18 nm, or their ratio, such as 1 x 1 x 5");
    break;
  case SCREEN_KEY_SOME:
    snprintf(out, size, "a file name or a list of them");
    break;
  case SCREEN_KEY_WORDS:
    snprintf(out, size, "a list of names");
    break;
  case SCREEN_KEY_MAPS:
    snprintf(parts, sizeof(parts), "%s.*", key->path);
    used = snprintf(out, size, "a list of maps with keys among ");
    if (used > 0 && (size_t)used < size) screen_schema_list(parts, size - (size_t)used, out + used);
    break;
  case SCREEN_KEY_CURVE:
    snprintf(out, size, "a point such as { CaCl2: 0.737, T: 914 K }, a list of them or a CSV file");
    break;
  case SCREEN_KEY_CHOICE:
    describe_choices(key->choices, size, out);
    break;
  case SCREEN_KEY_SET:
    describe_choices(key->choices, sizeof(parts), parts);
    snprintf(out, size, "a list with names among %s", parts);
    break;
  case SCREEN_KEY_LATER:
    snprintf(out, size, "it left out: %s", key->help);
    break;
  }
  return out;
}

screen_yaml *screen_schema_node(const screen_yaml *root, const char *path)
{
  const screen_yaml *map = root;
  screen_yaml *node = NULL;
  char part[SCREEN_YAML_KEY_MAX + 1];

  if (root->refused) return NULL; /* nothing below it was checked */
  while (*path) {
    const size_t length = strcspn(path, ".");

    snprintf(part, sizeof(part), "%.*s", (int)length, path);
    node = screen_yaml_get(map, part);
    if (!node || node->refused) return NULL;
    map = node;
    path += length + (path[length] == '.');
  }
  return node;
}

const char *screen_schema_text(const screen_yaml *root, const char *path)
{
  const screen_yaml *node = screen_schema_node(root, path);
  const screen_key *key = screen_schema_key(path);

  if (node && node->text) return node->text;
  return key && key->standard ? key->standard : "";
}

PetscReal screen_schema_real(const screen_yaml *root, const char *path)
{
  const screen_key *key = screen_schema_key(path);
  char problem[SCREEN_PROBLEM_MAX];
  PetscReal value = 0.0;

  if (key && key->kind == SCREEN_KEY_LIMIT && !strcmp(screen_schema_text(root, path), "off"))
    return 0.0;
  if (key) screen_quantity_parse(screen_schema_text(root, path), key->dimension, &value, problem);
  return value;
}

PetscInt64 screen_schema_integer(const screen_yaml *root, const char *path)
{
  char problem[SCREEN_PROBLEM_MAX];
  PetscInt64 value = 0;

  screen_integer_parse(screen_schema_text(root, path), &value, problem);
  return value;
}

PetscInt screen_schema_choice(const screen_yaml *root, const char *path)
{
  const screen_key *key = screen_schema_key(path);
  const char *text = screen_schema_text(root, path);
  PetscInt k = 0;

  for (const char *c = key ? key->choices : NULL; c; k++) {
    const size_t length = strcspn(c, "|");

    if (length == strlen(text) && !strncmp(c, text, length)) return k;
    c = c[length] ? c + length + 1 : NULL;
  }
  return -1;
}

PetscBool screen_schema_switch(const screen_yaml *root, const char *path)
{
  const screen_yaml *node = screen_schema_node(root, path);
  PetscBool value;

  if (!node) return PETSC_FALSE;
  return screen_yaml_is_boolean(node, &value) ? value : PETSC_TRUE;
}

PetscErrorCode screen_schema_axis(const screen_yaml *root, const char *path, screen_axis *axis)
{
  screen_yaml standard = {.kind = SCREEN_YAML_SCALAR}, *node = screen_schema_node(root, path);
  const screen_key *key = screen_schema_key(path);
  screen_range range;
  screen_notes notes = {.n = 0};
  char text[64];

  PetscFunctionBegin;
  *axis = (screen_axis){0, NULL};
  PetscCheck(key, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s is not in the table of keys", path);
  if (!node && !key->standard) PetscFunctionReturn(0);
  range = (screen_range){key->dimension, key->min, key->max};
  if (!node) {
    snprintf(text, sizeof(text), "%s", key->standard);
    standard.text = text;
    node = &standard;
  }
  PetscCall(screen_axis_read(node, &range, axis, &notes));
  PetscCheck(notes.n == 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s was not checked before", path);
  PetscFunctionReturn(0);
}
