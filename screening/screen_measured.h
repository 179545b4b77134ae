/* screening/screen_measured.h - what others have measured: points and correlations from CSV files
 *
 *   # remarks: where the numbers are from
 *   #: source = Janz 1992, doi:10.18434/mds2-2298     what holds for all rows that do not say it
 *   #: u = 0.5 %                                      themselves: any column but the numbers'
 *   property,unit,CaCl2,T_min_K,T_max_K,form,D1,D2
 *   density,g/cm3,0.282,1090,1170,linear,2.2650,-0.00055242
 *
 * Columns, in any order:
 *
 *   property      density, viscosity, ionic_conductivity, thermal_conductivity, heat_capacity,
 *                 heat_capacity_formula, heat_capacity_atoms, diffusion, thermal_expansion,
 *                 speed_of_sound
 *   unit          of its value: screen_measured_units() lists them
 *   <component>   one column a component, fractions in `basis`; components of the campaign without
 *                 a column are 0 where the others add up to 1, else the one without takes the rest;
 *                 a row that holds something else is kept, and never found
 *   T_K, value    a measured point; or
 *   T_min_K, T_max_K, form, D1 .. D4   a correlation, T in K:
 *                 linear D1 + D2 T; quadratic D1 + D2 T + D3 T^2; cubic ... + D4 T^3;
 *                 arrhenius D1 exp(D2/(R T)), D2 in J/mol; log10 10^(D1 + D2/T + D3/T^2);
 *                 heat D1 + D2 T + D3/T^2 + D4 T^2
 *   u             its uncertainty: in the unit of the value, or in % of it ("1 %"); none: not known
 *   confidence    what u is: standard (one standard error, the default), 95 % (halved when read:
 *                 1.96), k=2
 *   kind          measured (the default), evaluated, estimated
 *   basis         mole fraction (the default), mole percent, mass fraction, volume fraction (before
 *                 mixing), molality (mol of the solute in a kg of solvents), molarity (mol in a
 *                 litre of the solution)
 *   solute        the component that molality and molarity count; it has a column of its own or
 *   amount        this one; the columns of the others are fractions that sum to 1
 *   solvents      what those count: mass fraction (the default), mole fraction, volume fraction
 *   density NAME  [kg/m3] of a pure component at the row's temperature, for volume fractions
 *   species       of a diffusion coefficient: Ca
 *   source        whose number it is; without it the file's name
 *
 * CALiSol-23's layout (doi:10.1038/s41597-024-03575-8) is read as it is: columns doi, k, T, c,
 * salt, "c units", "solvent ratio type" and one of each solvent; k in mS/cm.  Without `salt` it is
 * the component that has no column.
 *
 * Molarities, and volume fractions without densities in the file, wait for the densities of a table
 * (screen_basis.h); until then such a row is `pending` and fits nothing.
 *
 * A field with a comma is quoted.  R = 8.31446261815324 J/(mol K); correlations made with another R
 * are off by the ratio, below 1e-5.
 */
#pragma once

#include "mtp/mtp_diag.h"
#include "properties/prop.h"

#include <stdio.h>

typedef enum {
  SCREEN_FORM_POINT,
  SCREEN_FORM_LINEAR,
  SCREEN_FORM_QUADRATIC,
  SCREEN_FORM_CUBIC,
  SCREEN_FORM_ARRHENIUS,
  SCREEN_FORM_LOG10,
  SCREEN_FORM_HEAT,
  SCREEN_NFORM
} screen_form;

typedef enum { SCREEN_MEASURED, SCREEN_EVALUATED, SCREEN_ESTIMATED, SCREEN_NKIND } screen_kind;
const char *screen_kind_name(screen_kind kind);

/* What fractions count, and how the solute is given. */
typedef enum { SCREEN_OF_MOLES, SCREEN_OF_MASS, SCREEN_OF_VOLUME } screen_part;
typedef enum { SCREEN_AS_FRACTION, SCREEN_AS_MOLALITY, SCREEN_AS_MOLARITY } screen_amount;

typedef struct {
  prop_id id;
  char species[16];  /* "" for one value a point */
  PetscReal *mole;   /* [ncomponent] mole fractions; while `pending` as in the file; owned */
  PetscReal *u_mole; /* [ncomponent] their change by an error of our density; NULL; owned */
  PetscBool pending; /* densities of a table are wanted: screen_basis_resolve() */
  screen_part part;  /* how to understand `mole` while pending */
  screen_amount amount;
  PetscInt solute;         /* with molality and molarity */
  PetscReal concentration; /* [mol/kg] or [mol/m3] */
  char foreign[32];        /* a component that is not among ours; "" */
  PetscReal t_min, t_max;  /* [K] equal for a point */
  screen_form form;
  PetscReal c[4];  /* D1 .. D4, in the file's unit; c[0] of a point */
  PetscReal scale; /* that unit in SI */
  PetscReal u;     /* one standard error: SI, or of 1 where `relative`; NaN: not known */
  PetscBool relative;
  screen_kind kind;
  PetscInt source; /* index into screen_measurements.source */
  PetscInt file, line;
} screen_measurement;

typedef struct {
  PetscInt n, nsource, nfile;
  screen_measurement *row; /* [n] owned, as are all arrays and texts */
  char **source, **file;
} screen_measurements;

/* Names of our components, in their order; molar masses [kg/mol] for fractions of mass, NULL or NaN
 * where they are not known. */
typedef struct {
  PetscInt n;
  const char *const *name;
  const PetscReal *molar_mass;
} screen_measured_components;

/* screen_measured_read - a file, appended
 *
 * Not collective.
 * Out:  all   good rows are kept also when others have problems
 *       diag  file:line: column ...: got ..., wanted ...
 * Returns 0 also for bad input.
 * Verified by: tests/unit/screening/test_screen_measured.c, tests/fuzz/fuzz_experiments.c */
PetscErrorCode screen_measured_read(const screen_measured_components *components, const char *path,
                                    screen_measurements *all, mtp_diag *diag);
/* The same from an open stream; `name` stands in the messages. */
PetscErrorCode screen_measured_parse(const screen_measured_components *components, const char *name,
                                     FILE *in, screen_measurements *all, mtp_diag *diag);
/* Harmless on {0} and when called twice. */
PetscErrorCode screen_measured_clear(screen_measurements *all);

/* screen_measured_at - the value [SI] at a temperature, in the range or not, and its standard error
 * (NaN: not known; may be NULL) */
PetscReal screen_measured_at(const screen_measurement *m, PetscReal t, PetscReal *u);

/* screen_measured_fits - whether a row says something about a composition and a temperature
 * Mole fractions must agree within SCREEN_MEASURED_DX; nothing is extrapolated.  A point holds at
 * its own temperature within SCREEN_MEASURED_DT. */
#define SCREEN_MEASURED_DX 0.006
#define SCREEN_MEASURED_DT 0.5 /* [K] */
PetscBool screen_measured_fits(const screen_measurement *m, PetscInt ncomponent,
                               const PetscReal mole[], PetscReal t);
/* The same without the temperature. */
PetscBool screen_measured_same(const screen_measurement *m, PetscInt ncomponent,
                               const PetscReal mole[]);

/* screen_measured_find - the first row that fits; NULL: none */
const screen_measurement *screen_measured_find(const screen_measurements *all, prop_id id,
                                               PetscInt ncomponent, const PetscReal mole[],
                                               PetscReal t);

/* "kg/m3, g/cm3" of a property; "" for one that cannot be compared */
void screen_measured_units(prop_id id, size_t size, char text[]);
