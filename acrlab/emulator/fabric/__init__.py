"""Real packets: networks, VMs and addresses of the emulated Azure as Linux network namespaces.

    the server's process, an ordinary one             the holder, root of its own user namespace if not of this computer
      wiring.py   what is where, read from a world       holder.py   makes namespaces, runs `ip`, hands out sockets
      fabric.py   brings the namespaces to that      ->  over a pair of sockets
      silence.py  routes by which the rest is silent
      dropped.py  which connections are dropped, read from a world; syn_filter.py drops them
    a process of its own
      entry.py    runs a command inside a VM
    kernel.py     system calls that Python lacks

A socket stays in the namespace that it was made in, so one process serves every address of every network; which socket
a connection came in by says where its caller stands. Everything hangs off open files of the holder: when the server
dies, however that happens, the kernel takes all of it away.
"""
