/* tests/support/ou_series.h - block means of processes with known Green-Kubo integrals
 *
 * Ornstein-Uhlenbeck: <x(0) x(t)> = variance exp(-|t|/tau), integral variance tau, spectrum
 * variance tau/(1 + (2 pi f tau)^2).  Given x at the start of a block of length h, x at its end and
 * the integral over it are jointly normal, so that block means can be drawn exactly:
 *   mean of the integral       x tau (1 - r),                       r = exp(-h/tau)
 *   variance of the integral   variance tau (2 h - tau (3 - 4 r + r^2))
 *   covariance                 variance tau (1 - r)^2
 * Include after tests/support/random.h.
 */
#pragma once

/* Adds n block means to out. */
static inline void ou_add(random_stream *stream, double tau, double variance, double h, int n,
                          double out[])
{
  const double r = exp(-h / tau), end = sqrt(variance * (1.0 - r * r));
  const double both = variance * tau * (1.0 - r) * (1.0 - r) / end;
  const double area = variance * tau * (2.0 * h - tau * (3.0 - 4.0 * r + r * r));
  const double rest = sqrt(fmax(0.0, area - both * both));
  double x = sqrt(variance) * random_normal(stream);

  for (int i = 0; i < n; i++) {
    const double g1 = random_normal(stream), g2 = random_normal(stream);

    out[i] += (x * tau * (1.0 - r) + both * g1 + rest * g2) / h;
    x = r * x + end * g1;
  }
}

/* Adds n block means of u - c v, where u is Ornstein-Uhlenbeck and v follows it with a delay of
   `lag`: what comes is partly taken back, as a charge current is in a cage.  Integral
   variance tau (1 - c)^2.  In steps of h/10: exact for the recursions made here. */
static inline void caged_add(random_stream *stream, double tau, double lag, double c, double h,
                             int n, double out[])
{
  enum { STEPS = 10, WARM_UP = 300 };
  const double dt = h / STEPS, phi = exp(-dt / tau), gain = 1.0 - exp(-dt / lag);
  double u = random_normal(stream) / sqrt(1.0 - phi * phi), v = 0.0;

  for (int i = -WARM_UP; i < n; i++) {
    double sum = 0.0;

    for (int s = 0; s < STEPS; s++) {
      sum += u - c * v;
      v += gain * (u - v);
      u = phi * u + random_normal(stream);
    }
    if (i >= 0) out[i] += sum / STEPS;
  }
}

static inline double caged_integral(double tau, double c, double h)
{
  const double dt = h / 10.0, phi = exp(-dt / tau);

  return 0.5 * dt * (1.0 - c) * (1.0 - c) / ((1.0 - phi) * (1.0 - phi));
}
