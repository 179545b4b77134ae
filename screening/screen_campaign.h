/* screening/screen_campaign.h - a campaign after validation: resolved, in internal units
 *
 * Made by screen_campaign_read() from the YAML file through the schema table (screen_schema.c).
 * All that follows (grid, plan, run, store) reads only this struct.
 */
#pragma once

#include "md/md_lattice.h"
#include "md/md_pack.h"
#include "md/md_run.h"
#include "md/md_tosi_fumi.h"
#include "mtp/mtp_diag.h"
#include "screening/screen_share.h"

enum { SCREEN_NAME_MAX = 64, SCREEN_PATH_MAX = 4096 };

typedef struct {
  char name[SCREEN_NAME_MAX]; /* "CaCl2", as in composition */
  PetscInt *count;            /* [nspecies] atoms of each species in one formula unit */
  PetscReal mass_u;           /* [u] of one formula unit */
  PetscInt nmolecule;         /* molecules in one formula unit */
  PetscInt *molecule;         /* [nmolecule] indices into campaign->molecule, in the file's order */
  PetscInt *single;   /* [nspecies] atoms that are in none of them; NULL: all, as in `count` */
  PetscReal density;  /* [eV fs^2/Å^2 / Å^3] of the pure liquid; 0: not given */
  PetscInt electrons; /* of a formula unit, held by no ion */
} screen_component;

typedef enum { SCREEN_MTP, SCREEN_LJ, SCREEN_TOSI_FUMI } screen_model;

/* Parameters of a potential that a campaign writes down itself */
typedef struct {
  PetscReal cutoff; /* [Å] */
  md_truncation truncation;
  PetscReal accuracy;      /* of the Ewald sum */
  PetscReal *epsilon;      /* [nspecies,nspecies, eV] Lennard-Jones */
  PetscReal *sigma;        /* [nspecies,nspecies, Å] Lennard-Jones */
  md_tosi_fumi_pair *born; /* [nspecies,nspecies] Tosi-Fumi */
} screen_pairs;

/* One potential of a committee. */
typedef struct {
  char name[SCREEN_NAME_MAX]; /* "b": its file without folder and ending; "b_2" if there is one */
  char *file;                 /* resolved */
  char sha256[65];            /* hex, of the file; "" when it is missing */
  PetscBool has_active_set;
} screen_member;

/* A rigid geometry at the start; nothing holds it together later but the potential. */
typedef struct {
  char name[SCREEN_NAME_MAX]; /* "PF6": its file without folder and ending */
  char *file;                 /* resolved */
  char sha256[65];            /* hex, of the file */
  md_molecule body;
  PetscReal charge; /* [e] formal */
} screen_molecule;

/* A phase between two heights. */
typedef struct {
  char name[SCREEN_NAME_MAX];
  PetscInt ncomponent;
  PetscInt *component;       /* [ncomponent] */
  PetscReal density;         /* [eV fs^2/Å^2 / Å^3] 0: guessed */
  const md_lattice *lattice; /* NULL: packed at random */
} screen_region;

typedef enum { SCREEN_MOLE_FRACTION, SCREEN_MASS_FRACTION, SCREEN_VOLUME_FRACTION } screen_fraction;
/* In the order of the table of keys. */
typedef enum {
  SCREEN_START_RANDOM,
  SCREEN_START_CRYSTAL,
  SCREEN_START_TWO_PHASE,
  SCREEN_START_SLAB,
  SCREEN_START_FILE
} screen_start_type;
typedef enum { SCREEN_INSULATOR, SCREEN_MIXED, SCREEN_METAL } screen_electronic;

/* Properties that can have a target, in the order of the table of keys. */
typedef enum {
  SCREEN_TARGET_DENSITY,
  SCREEN_TARGET_HEAT_CAPACITY,
  SCREEN_TARGET_VISCOSITY,
  SCREEN_TARGET_DIFFUSION,
  SCREEN_TARGET_IONIC_CONDUCTIVITY,
  SCREEN_TARGET_THERMAL_CONDUCTIVITY,
  SCREEN_NTARGET
} screen_target_id;

/* Thermostat and barostat. */
typedef enum { SCREEN_SCR, SCREEN_SCR_LANGEVIN, SCREEN_MTK } screen_npt;

/* A point of the liquidus. */
typedef struct {
  PetscReal fraction;    /* of the component that is its coordinate, in the campaign's unit */
  PetscReal temperature; /* [K] */
} screen_liquidus;

/* One step of a temperature schedule. */
typedef struct {
  PetscReal length; /* [fs] > 0 */
  PetscReal to;     /* [K] at its end; SCREEN_HOLD or SCREEN_POINT_TEMPERATURE */
} screen_anneal;

/* Replicas of a point that a campaign with targets may have without saying so, at least: a few more
   than samples that a target wants where each replica is one (prop_plan_ratio()). */
enum { SCREEN_MAX_REPLICAS = 24 };

/* One run with an imposed flux, in a cell of its own.  Runs of one kind in one cell follow each
 * other, the strongest first. */
enum {
  SCREEN_MAX_RATES = 4,   /* of one kind in one cell */
  SCREEN_MAX_LENGTHS = 4, /* cells of one kind */
  SCREEN_MAX_FLUX = 12,   /* runs, all together */
  SCREEN_MAX_SLABS = 1000
};
typedef struct {
  md_rnemd_kind kind;
  PetscReal every;   /* [fs] between exchanges; 0: from the cell (screen_flux.h), with */
  PetscReal span;    /* the difference that this is to make between the two slabs of the exchange:
                          of temperature over T, of velocity over the thermal sqrt(k_B T/m) */
  PetscReal length;  /* [fs] of the run */
  PetscReal slab[3]; /* the cell: times that of the point, or [Å] */
  PetscBool is_size; /* the latter */
  PetscInt along;    /* and so many of these along z, >= 1 */
  PetscInt slabs;    /* parts of it */
  PetscBool first;   /* of its kind in this cell: it settles first */
} screen_flux;

#define SCREEN_POINT_TEMPERATURE 0.0    /* that of the point */
#define SCREEN_HOLD              (-1.0) /* as it was */
#define SCREEN_CUTOFF_SALT       25e3 /* [fs] of a truncated viscosity, as the literature has it */
#define SCREEN_CUTOFF_ALLOY      5e3  /* without charges */
#define SCREEN_ANNEAL_BEGIN      2500.0 /* [fs] of equilibration before a schedule begins */

/* What is asked of structure beside g(r). */
#define SCREEN_LIGAND_REACH    6.0   /* [Å] */
#define SCREEN_STRUCTURE_EVERY 200.0 /* [fs] unless the campaign says so */
enum { SCREEN_LIFE_MOST = 8 };
typedef struct {
  PetscReal qmax;  /* [1/Å] of structure factors; 0: none */
  PetscReal reach; /* [Å] of ligands; 0: none */
  PetscInt nlife;  /* pairs of species whose lifetimes are wanted */
  struct {
    PetscInt a, b;
    PetscReal radius; /* [Å] of the first shell */
  } life[SCREEN_LIFE_MOST];
  PetscReal tolerance; /* [fs] absence that a bond survives */
} screen_structure_wish;

typedef struct {
  char *file; /* as given on the command line */
  char *text; /* the whole YAML file */
  size_t text_size;
  char name[SCREEN_NAME_MAX];
  char *description; /* "" when absent */

  screen_model model;
  screen_pairs pairs;        /* of a model that is not SCREEN_MTP */
  char *potential_text;      /* its parameters in words, for the key and the results; else NULL */
  char *potential_file;      /* resolved against the campaign's folder; NULL without a file */
  char potential_sha256[65]; /* hex; "" when it is missing */
  char *potential_missing;   /* why the file cannot be read, with its place; NULL: it is there */
  PetscBool has_active_set;
  /* Several files: a committee, in the order of the file; the first is also what stands above.
   * One file: none. */
  PetscInt nmember;
  screen_member *member;             /* [nmember] */
  PetscReal grade_save, grade_break; /* limits of the extrapolation grade; 0: none */
  char kernel[MD_KERNEL_TEXT]; /* what evaluates it in this process; "" until a session is opened */
  PetscInt nspecies;
  char (*species)[4]; /* [nspecies] element symbols in the potential's order */
  PetscReal *mass;    /* [nspecies, eV fs^2/Å^2] */
  PetscReal *charge;  /* [nspecies, e] formal; 0 when not given */
  PetscBool has_charges;

  PetscInt ncomponent;
  screen_component *component; /* [ncomponent] */
  screen_fraction fraction;
  /* Fractions: an axis for each component; a single number is an axis of one value.  The component
   * that is the balance (at most one) takes the rest and has an axis with n == 0. */
  screen_axis *composition; /* [ncomponent] */
  PetscInt balance;         /* index, or -1 */
  screen_share *share;      /* [ncomponent] what the numbers of an axis are; NULL: fractions */
  PetscBool *in_ratio;      /* [ncomponent] fractions of what the others leave; NULL: none */
  PetscInt nmolecule;
  screen_molecule *molecule; /* [nmolecule] each file once */
  PetscInt atoms;            /* wanted; whole formula units give the nearest number */
  PetscReal density_guess;   /* [eV fs^2/Å^2 / Å^3] of packing; 0: from element volumes */
  char *initial;             /* file with a starting configuration, NULL: random packing */
  char initial_sha256[65];   /* hex; "" without a file */
  PetscInt *initial_count;   /* [nspecies] atoms in it, in all `atoms`; NULL without a file */
  screen_start_type start;
  PetscReal cell[3];           /* edges: [Å], or in units of anything; all 0: a cube */
  PetscBool cell_is_size;      /* they are lengths; `atoms` follow from the density and are 0 */
  const md_lattice *lattice;   /* crystal */
  PetscReal lattice_parameter; /* [Å] 0: from the density */
  PetscInt nregion;
  screen_region
      *region;      /* [nregion] two-phase and slab, from the bottom; none: one of everything */
  PetscReal vacuum; /* [Å] slab */

  screen_axis temperature; /* [K] */
  screen_axis pressure;    /* [eV/Å^3] */
  PetscInt nliquidus;
  screen_liquidus *liquidus;   /* [nliquidus] by rising fraction */
  PetscInt liquidus_component; /* whose fraction; -1: one temperature for all compositions */
  char *liquidus_source;       /* where the numbers are from; NULL: nobody says */

  PetscReal dt;                             /* [fs] */
  PetscReal equilibration;                  /* [fs] */
  PetscReal production_npt, production_nve; /* [fs] 0: none */
  PetscInt replicas;
  PetscInt max_replicas;  /* of a point; those from `replicas` on only where targets need them */
  PetscInt give_up_after; /* failed replicas that quarantine a point; 0: none do */
  screen_npt npt;         /* of equilibration and NPT production, with */
  md_shape shape;         /* and */
  PetscReal tau_t, tau_p; /* [fs] */
  PetscReal rescaling;    /* [fs] of the thermostat in the NVE production; 0: none */
  PetscInt nanneal;
  screen_anneal anneal[MD_MAX_KNOTS]; /* [nanneal] after the first phases of the equilibration */
  PetscReal compressibility;          /* [Å^3/eV] */
  PetscInt64 seed;
  md_guard guard;              /* of productions; grade_break stands above */
  PetscReal trajectory;        /* [fs] between frames written; 0: none */
  PetscBool trajectory_h5md;   /* HDF5 instead of extended XYZ; of that: */
  PetscBool trajectory_double; /* 8 bytes a number instead of 4 */
  PetscBool trajectory_velocities;
  screen_electronic electronic; /* which conductivities have a meaning */

  PetscBool want_density, want_heat_capacity, want_viscosity, want_diffusion;
  PetscBool want_ionic_conductivity, want_thermal_conductivity;
  PetscBool want_structure, want_potential_energy;
  PetscBool want_lifetimes;
  PetscBool has_ion_pairs; /* ligands are asked for and ions have charges of both signs */
  PetscBool has_solvent;   /* some elements are those of a solvent: screen_campaign_solvent() */
  PetscReal target[SCREEN_NTARGET]; /* relative standard error wanted; 0: none */
  PetscReal budget;                 /* [s] of cores, for replicas that targets need; 0: no limit */
  PetscReal viscosity_cutoff;       /* [fs] end of the truncated integral */
  PetscReal conductivity_cutoff;    /* [fs] of the ionic one */
  PetscReal *radius;                /* [nspecies, Å] hydrodynamic; 0: not given; NULL: none is */
  PetscReal *carrier;        /* [nspecies, e] charges of the charge current, so that those of a
                                    molecule add up to its own; NULL without ionic conductivity */
  PetscReal rdf_rmax;        /* [Å] */
  PetscReal structure_every; /* [fs] between samples of g(r); of what costs more ten times that */
  screen_structure_wish structure; /* nothing without want_structure */

  PetscInt nflux;                    /* runs with an imposed flux; 0: none */
  screen_flux flux[SCREEN_MAX_FLUX]; /* [nflux] heat from the shortest cell to the longest, shear */
  PetscReal production_flux;         /* [fs] of all of one kind in one cell */
  PetscBool want_rnemd_heat;         /* thermal conductivity from them */
  PetscBool only_rnemd_heat;         /* and not from fluctuations */
  PetscBool want_rnemd_shear, only_rnemd_shear; /* the same of viscosity */

  PetscInt ncompare;
  char **compare; /* [ncompare] resolved CSV files */
} screen_campaign;

/* screen_campaign_read - reads, checks, resolves; reads the potential's header and its SHA-256
 *
 * Out:  campaign  NULL when diag has messages
 *       diag      all problems of the file at once: file:line:col: key.path: got ..., wanted ...
 * Returns 0 also for bad input. */
PetscErrorCode screen_campaign_read(const char *file, screen_campaign **campaign, mtp_diag *diag);
/* The same for planning: a potential that does not exist yet is no message but
 * campaign->potential_missing. */
PetscErrorCode screen_campaign_plan(const char *file, screen_campaign **campaign, mtp_diag *diag);
PetscErrorCode screen_campaign_destroy(screen_campaign **campaign);
/* Potentials that each run all points: 1 without a committee. */
PetscInt screen_campaign_members(const screen_campaign *campaign);
/* Of the estimators of a production: whether block means of its scalars are kept (prop_stream.h),
 * and whether the heat current is among them.  Pure functions of what is wanted. */
PetscBool screen_campaign_npt_stream(const screen_campaign *campaign);
PetscBool screen_campaign_nve_stream(const screen_campaign *campaign);
PetscBool screen_campaign_heat(const screen_campaign *campaign);
/* Runs with an imposed flux of a kind. */
PetscInt screen_campaign_fluxes(const screen_campaign *campaign, md_rnemd_kind kind);
/* screen_campaign_liquidus - [K] below this a composition is no liquid; 0: nothing is known
 * In:   fraction  [ncomponent] as asked, in the campaign's unit
 * Linear between neighbouring points of the curve, within 1e-6 of a point its own temperature,
 * nothing outside: the curve is not extended.  A single point without a component holds everywhere.
 * Verified by: tests/unit/screening/test_screen_liquidus.c */
PetscReal screen_campaign_liquidus(const screen_campaign *campaign, const PetscReal fraction[]);
/* screen_campaign_solvent - elements whose atoms move with the solvent
 * Out:  solvent  [nspecies] those of neutral molecules that neither ions nor charged molecules
 *                have; none in a salt
 * Verified by: tests/unit/screening/test_screen_result.c */
void screen_campaign_solvent(const screen_campaign *campaign, PetscBool solvent[]);
/* Whether the cell starts as phases beside each other (two-phase, slab).  Its barostat moves z
 * alone unless the campaign says otherwise; beside vacuum there is none, and all stages keep the
 * volume.  Values are averages over all of the cell and have the flag `interface`. */
PetscBool screen_campaign_layered(const screen_campaign *campaign);
/* Limits of guards that a campaign with this start has without setting any: those of md_run.h, but
 * a cell that starts as several phases, or beside vacuum, is what it was asked to be, and
 * evaporation, freezing and demixing are not looked for; nor, beside vacuum, atoms without
 * neighbours, which vapour has (md_guard.max_move). */
md_guard screen_campaign_own_guard(const screen_campaign *campaign);
