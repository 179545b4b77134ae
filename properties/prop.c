/* properties/prop.c - the table of flags, which all else is printed from */
#include "properties/prop.h"

const prop_value prop_value_missing = {
    .value = PROP_NAN, .error = PROP_NAN, .neff = 0.0, .flags = PROP_FLAG_MISSING};

static const struct {
  prop_flag flag;
  const char *name, *text;
} flag_table[PROP_NFLAG] = {
    {PROP_FLAG_MISSING, "missing",
     "There is no value: the point failed, was excluded or is not finished."},
    {PROP_FLAG_FEW_SAMPLES, "few_samples",
     "Fewer than 20 effective samples stand behind the number: its error bar is itself uncertain."},
    {PROP_FLAG_NOT_STATIONARY, "not_stationary",
     "The series still drifts, or more than half of it had to be discarded as equilibration."},
    {PROP_FLAG_REPLICAS_DISAGREE, "replicas_disagree",
     "Replicas differ by more than their error bars allow (chi-square test at 1 %)."},
    {PROP_FLAG_NO_PLATEAU, "no_plateau",
     "The value or its error bar still changes with the length of blocks, integral or window that "
     "it comes from."},
    {PROP_FLAG_NOT_DIFFUSIVE, "not_diffusive",
     "The mean squared displacement is not linear in time, or atoms moved less than one "
     "interatomic distance."},
    {PROP_FLAG_ONE_REPLICA, "one_replica",
     "One replica only: no spread between replicas to check the error bar against."},
    {PROP_FLAG_DRIFT, "drift", "The total energy drifted during the constant-energy run."},
    {PROP_FLAG_NO_SIZE_CORRECTION, "no_size_correction",
     "Value of the simulated cell: no hydrodynamic finite-size correction was applied."},
    {PROP_FLAG_PARTIAL, "partial", "From a run that has not reached its length yet."},
    {PROP_FLAG_EXTRAPOLATING, "extrapolating",
     "An extrapolation grade in production was above the campaign's limit: the potential had not "
     "learned what it was used for."},
    {PROP_FLAG_NOT_LINEAR, "not_linear",
     "Less than 98 % of the profile that the imposed flux makes is a straight line (R^2), or two "
     "fluxes give values more than 3 joint errors apart: the flux is too strong or the run too "
     "short."},
    {PROP_FLAG_METHODS_DISAGREE, "methods_disagree",
     "A second estimator of the same quantity differs by more than 3 joint errors."},
    {PROP_FLAG_CLASSICAL, "classical",
     "Nuclei move classically: bonds of light atoms hold more heat here than in nature."},
    {PROP_FLAG_NOT_LIQUID, "not_liquid",
     "Atoms of a species do not get away from where they were: a crystal or a glass."},
    {PROP_FLAG_MIXED_CONDUCTOR, "mixed_conductor",
     "Electrons carry current as well; the value is what the ions carry."},
    {PROP_FLAG_IONIC_ONLY, "ionic_only",
     "Of a metal: the ionic contribution, without what electrons conduct."},
    {PROP_FLAG_INTERFACE, "interface",
     "The cell holds phases beside each other or vacuum: an average over all of it, no property of "
     "one liquid."},
    {PROP_FLAG_FINITE_SIZE, "finite_size",
     "From one cell: its limit for long cells was not taken, or not found."},
    {PROP_FLAG_SURVIVORS, "survivors",
     "Other replicas of the point ended before their time: an average over those that did not, "
     "which "
     "may differ from one over all."},
};

const char *prop_flag_name(PetscInt bit)
{
  return bit >= 0 && bit < PROP_NFLAG ? flag_table[bit].name : NULL;
}

const char *prop_flag_text(PetscInt bit)
{
  return bit >= 0 && bit < PROP_NFLAG ? flag_table[bit].text : NULL;
}
