"""An invented clinic of very many patients, to try the service's speed with."""
