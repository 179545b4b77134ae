/* screening/screen_export_openfoam.c - thermophysicalProperties, one dictionary a composition
 *
 *   <series>/constant/thermophysicalProperties   polynomials in T: icoPolynomial, hPolynomial,
 *                                                polynomial transport; OpenFOAM v1912 and later
 *   <series>/tabulated/thermophysicalProperties  the same as tables: icoTabulated, hTabulated,
 *                                                tabulated; releases from v2206 on
 *
 * OpenFOAM does not limit the temperature: the range in which the numbers hold stands in the
 * comment.  A composition for which one of the four properties is missing has no dictionary.
 * Source of the forms: OpenFOAM v1912, src/thermophysicalModels/specie.
 */
#include "screening/screen_export.h"

enum { NPROPERTY = 4, NTABLE = 25 };

typedef struct {
  prop_id id;
  const char *words, *units;
} quantity;
static const quantity quantities[NPROPERTY] = {
    {PROP_ID_DENSITY, "density", "kg/m3"},
    {PROP_ID_HEAT_CAPACITY, "heat capacity", "J/(kg K)"},
    {PROP_ID_VISCOSITY, "viscosity", "Pa s"},
    {PROP_ID_THERMAL_CONDUCTIVITY, "thermal conductivity", "W/(m K)"}};

/* What a dictionary is made of. */
typedef struct {
  const prop_fit *fit[NPROPERTY];
  PetscReal c[NPROPERTY][SCREEN_EXPORT_NCOEFFICIENT], deviation[NPROPERTY];
  PetscReal tmin, tmax, weight; /* [K], [kg/kmol] */
  char where[256], name[256];
} series;

static void put_header(const screen_export *e, const series *x, const char *form, FILE *out)
{
  char flags[512];

  screen_export_head(e, out, "// ");
  fprintf(out, "// %s\n// Valid from %.6g to %.6g K; outside it is an extrapolation.\n", x->where,
          x->tmin, x->tmax);
  for (PetscInt i = 0; i < NPROPERTY; i++) {
    const PetscReal middle = 0.5 * (x->tmin + x->tmax);
    PetscReal u;
    const PetscReal y = screen_export_at(x->fit[i], middle, &u);

    screen_dataset_flags(x->fit[i]->flags, sizeof(flags), flags);
    fprintf(out, "// %s: %.6g +- %.2g %s at %.6g K; %s within %.2g of the correlation%s%s\n",
            quantities[i].words, y, u, quantities[i].units, middle, form, x->deviation[i],
            flags[0] ? "; flagged " : "", flags);
  }
  fputs("FoamFile\n{\n    version     2.0;\n    format      ascii;\n    class       dictionary;\n"
        "    location    \"constant\";\n    object      thermophysicalProperties;\n}\n\n",
        out);
}

static void put_type(const char *transport, const char *thermo, const char *state, FILE *out)
{
  fprintf(out,
          "thermoType\n{\n    type            heRhoThermo;\n    mixture         pureMixture;\n"
          "    transport       %s;\n    thermo          %s;\n    equationOfState %s;\n"
          "    specie          specie;\n    energy          sensibleEnthalpy;\n}\n\n",
          transport, thermo, state);
}

static void put_polynomial(const char *key, const PetscReal c[], FILE *out)
{
  fprintf(out, "        %s<8> (", key);
  for (PetscInt k = 0; k < SCREEN_EXPORT_NCOEFFICIENT; k++)
    fprintf(out, "%s%.17g", k ? " " : "", c[k]);
  fputs(");\n", out);
}

static PetscErrorCode write_polynomials(screen_export *e, const series *x)
{
  char name[320];
  screen_export_file file;

  PetscFunctionBegin;
  snprintf(name, sizeof(name), "%s/constant/thermophysicalProperties", x->name);
  PetscCall(screen_export_open(e, name, &file));
  put_header(e, x, "polynomial", file.out);
  put_type("polynomial", "hPolynomial", "icoPolynomial", file.out);
  fprintf(file.out, "mixture\n{\n    specie\n    {\n        molWeight %.17g;\n    }\n", x->weight);
  fputs("    equationOfState\n    {\n", file.out);
  put_polynomial("rhoCoeffs", x->c[0], file.out);
  fputs("    }\n    thermodynamics\n    {\n        Hf 0;\n        Sf 0;\n", file.out);
  put_polynomial("CpCoeffs", x->c[1], file.out);
  fputs("    }\n    transport\n    {\n", file.out);
  put_polynomial("muCoeffs", x->c[2], file.out);
  put_polynomial("kappaCoeffs", x->c[3], file.out);
  fputs("    }\n}\n", file.out);
  PetscCall(screen_export_close(e, &file));
  PetscFunctionReturn(0);
}

static void put_table(const char *key, const series *x, PetscInt i, FILE *out)
{
  fprintf(out, "        %s\n        (\n", key);
  for (PetscInt k = 0; k < NTABLE; k++) {
    const PetscReal t = x->tmin + (x->tmax - x->tmin) * (PetscReal)k / (NTABLE - 1);

    fprintf(out, "            (%.17g %.17g)\n", t, screen_export_at(x->fit[i], t, NULL));
  }
  fputs("        );\n", out);
}

static PetscErrorCode write_tables(screen_export *e, const series *x)
{
  char name[320];
  screen_export_file file;

  PetscFunctionBegin;
  snprintf(name, sizeof(name), "%s/tabulated/thermophysicalProperties", x->name);
  PetscCall(screen_export_open(e, name, &file));
  put_header(e, x, "polynomial (not used here)", file.out);
  put_type("tabulated", "hTabulated", "icoTabulated", file.out);
  fprintf(file.out, "mixture\n{\n    specie\n    {\n        molWeight %.17g;\n    }\n", x->weight);
  fputs("    equationOfState\n    {\n", file.out);
  put_table("rho", x, 0, file.out);
  fputs("    }\n    thermodynamics\n    {\n        Hf 0;\n        Sf 0;\n", file.out);
  put_table("Cp", x, 1, file.out);
  fputs("    }\n    transport\n    {\n", file.out);
  put_table("mu", x, 2, file.out);
  put_table("kappa", x, 3, file.out);
  fputs("    }\n}\n", file.out);
  PetscCall(screen_export_close(e, &file));
  PetscFunctionReturn(0);
}

/* All that a series needs; PETSC_FALSE, the reason in the report, where something is missing. */
static PetscBool prepare(screen_export *e, PetscInt s, series *x)
{
  const PetscInt point = screen_dataset_point(e->data, s, 0);
  PetscBool good = PETSC_TRUE;

  *x = (series){.tmin = 0.0, .tmax = PROP_INFINITY};
  screen_dataset_composition(e->data, point, sizeof(x->where), x->where);
  screen_export_series_name(e->data, s, sizeof(x->name), x->name);
  x->weight = 1e3 * screen_dataset_molar_mass(e->data, point);
  for (PetscInt i = 0; i < NPROPERTY; i++) {
    x->fit[i] = screen_export_fit(e, quantities[i].id, s);
    if (!x->fit[i]) good = PETSC_FALSE;
    if (!x->fit[i]) continue;
    x->tmin = PetscMax(x->tmin, x->fit[i]->tmin);
    x->tmax = PetscMin(x->tmax, x->fit[i]->tmax);
    if (!screen_export_polynomial(x->fit[i], x->c[i], &x->deviation[i])) {
      fprintf(e->report, "  %s at %s: no polynomial within its error\n", quantities[i].words,
              x->where);
      good = PETSC_FALSE;
    }
  }
  if (good && !(x->weight > 0.0 && x->tmax > x->tmin)) {
    fprintf(e->report, "  %s: no common range of temperature, or no molar mass\n", x->where);
    good = PETSC_FALSE;
  }
  return good;
}

PetscErrorCode screen_export_openfoam(screen_export *e)
{
  PetscFunctionBegin;
  for (PetscInt s = 0; s < e->data->nseries; s++) {
    series x;

    if (!prepare(e, s, &x)) continue;
    PetscCall(write_polynomials(e, &x));
    PetscCall(write_tables(e, &x));
    for (PetscInt i = 0; i < NPROPERTY; i++) {
      PetscReal u;
      const PetscReal y = screen_export_at(x.fit[i], x.tmin, &u);

      fprintf(e->report,
              "  %s, %s: polynomial within %.2g of the correlation, whose error is %.2g\n", x.where,
              quantities[i].words, x.deviation[i], u / y);
    }
  }
  PetscFunctionReturn(0);
}
