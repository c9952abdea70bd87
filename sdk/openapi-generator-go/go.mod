module trial

go 1.23
