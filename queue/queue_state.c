/* queue/queue_state.c */
typedef int queue_state_begun;
