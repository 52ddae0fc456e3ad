# exp, log, tanh ... as inline functions that gcc vectorises
