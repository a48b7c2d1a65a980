/* A new run. */
#include "train/start.h"

#include "base/try.h"
#include "ocl/runtime.h"
#include "run/pictures.h"
#include "train/settings.h"
#include "train/setup.h"
#include "train/team.h"

cg_status cg_start(cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_choice choice;
    CG_TRY(cg_settings_take(t));
    CG_TRY(cg_setup_load_data(t));
    CG_TRY(cg_setup_open_device(t));
    CG_TRY(cg_setup_choose_network(&choice, t, NULL));
    CG_TRY(cg_setup_prepare_monitor(t));
    CG_TRY(cg_run_create(&t->run, t->options->out));
    CG_TRY(cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt)));
    CG_TRY(cg_pictures_write_real(&t->run, &t->dataset));
    CG_TRY(cg_setup_create_network(t, &choice));
    if (t->team) /* which is not known before */
        CG_TRY(cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt)));
    CG_TRY(cg_setup_init_network(t));
    CG_TRY(cg_team_share(t));
done:
    return status;
}
