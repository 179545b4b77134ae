/* md/md_pack_body.c - rigid bodies: where their atoms are, what pushes them, how they turn */
#include "md/md_pack_impl.h"

/* Rotation matrix of a unit quaternion. */
static void matrix(const PetscReal q[4], PetscReal r[3][3])
{
  const PetscReal w = q[0], x = q[1], y = q[2], z = q[3];

  r[0][0] = 1.0 - 2.0 * (y * y + z * z);
  r[0][1] = 2.0 * (x * y - w * z);
  r[0][2] = 2.0 * (x * z + w * y);
  r[1][0] = 2.0 * (x * y + w * z);
  r[1][1] = 1.0 - 2.0 * (x * x + z * z);
  r[1][2] = 2.0 * (y * z - w * x);
  r[2][0] = 2.0 * (x * z - w * y);
  r[2][1] = 2.0 * (y * z + w * x);
  r[2][2] = 1.0 - 2.0 * (x * x + y * y);
}

void md__body_shape(PetscInt n, const PetscReal y[], md__body *body)
{
  PetscReal sum = 0.0, most = 0.0;

  for (PetscInt i = 0; i < n; i++) {
    const PetscReal *a = &y[3 * (size_t)i], r2 = a[0] * a[0] + a[1] * a[1] + a[2] * a[2];

    sum += r2;
    most = PetscMax(most, r2);
  }
  body->n = n;
  body->y = y;
  body->q[0] = 1.0;
  body->root_n = PetscSqrtReal((PetscReal)n);
  body->root_inertia = n > 1 ? PetscSqrtReal(2.0 / 3.0 * sum) : 0.0;
  body->radius = PetscSqrtReal(most);
}

void md__body_atoms(const md__body *body, PetscReal x[])
{
  PetscReal r[3][3];

  matrix(body->q, r);
  for (PetscInt i = 0; i < body->n; i++) {
    const PetscReal *y = &body->y[3 * (size_t)i];
    PetscReal *to = &x[3 * (size_t)(body->first + i)];

    for (int a = 0; a < 3; a++) {
      to[a] = body->centre[a] + (r[a][0] * y[0] + r[a][1] * y[1] + r[a][2] * y[2]);
    }
  }
}

void md__body_collect(md__body *body, const PetscReal x[], const PetscReal f[])
{
  for (int k = 0; k < 6; k++) body->f[k] = 0.0;
  if (body->fixed) return;
  for (PetscInt i = body->first; i < body->first + body->n; i++) {
    const PetscReal *g = &f[3 * (size_t)i], *p = &x[3 * (size_t)i], *c = body->centre;
    const PetscReal d[3] = {p[0] - c[0], p[1] - c[1], p[2] - c[2]};

    for (int a = 0; a < 3; a++) body->f[a] += g[a] / body->root_n;
    if (body->root_inertia <= 0.0) continue;
    body->f[3] += (d[1] * g[2] - d[2] * g[1]) / body->root_inertia;
    body->f[4] += (d[2] * g[0] - d[0] * g[2]) / body->root_inertia;
    body->f[5] += (d[0] * g[1] - d[1] * g[0]) / body->root_inertia;
  }
}

/* q <- rotation by the vector `turn` after q, of length one again. */
static void rotate(PetscReal q[4], const PetscReal turn[3], PetscReal angle)
{
  const PetscReal c = PetscCosReal(0.5 * angle), s = PetscSinReal(0.5 * angle) / angle;
  const PetscReal p[4] = {c, s * turn[0], s * turn[1], s * turn[2]};
  const PetscReal old[4] = {q[0], q[1], q[2], q[3]};
  PetscReal norm = 0.0;

  q[0] = p[0] * old[0] - p[1] * old[1] - p[2] * old[2] - p[3] * old[3];
  q[1] = p[0] * old[1] + p[1] * old[0] + p[2] * old[3] - p[3] * old[2];
  q[2] = p[0] * old[2] - p[1] * old[3] + p[2] * old[0] + p[3] * old[1];
  q[3] = p[0] * old[3] + p[1] * old[2] - p[2] * old[1] + p[3] * old[0];
  for (int k = 0; k < 4; k++) norm += q[k] * q[k];
  for (int k = 0; k < 4; k++) q[k] /= PetscSqrtReal(norm);
}

void md__body_move(md__body *body, PetscReal dt, PetscReal limit)
{
  PetscReal turn[3], angle = 0.0, scale;

  for (int a = 0; a < 3; a++) {
    body->centre[a] += PetscMax(-limit, PetscMin(limit, dt * body->v[a] / body->root_n));
  }
  if (body->root_inertia <= 0.0) return;
  for (int a = 0; a < 3; a++) {
    turn[a] = dt * body->v[3 + a] / body->root_inertia;
    angle += turn[a] * turn[a];
  }
  angle = PetscSqrtReal(angle);
  if (angle <= 0.0) return;
  scale = angle * body->radius > limit ? limit / (angle * body->radius) : 1.0;
  for (int a = 0; a < 3; a++) turn[a] *= scale;
  rotate(body->q, turn, scale * angle);
}
