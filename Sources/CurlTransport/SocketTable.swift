internal import CCurl
internal import Glibc

/// What epoll watches for libcurl, one place for each descriptor.
///
/// libcurl takes a connection out when a transfer ends and puts it back when the next begins: two system calls a
/// transfer. A connection of ours stays in epoll instead; only what happens on it while nobody asks takes it out.
/// libcurl's private descriptors (the name resolver's) are taken out at once: it closes them without telling.
///
/// Outlives the multi handle, which closes connections in its clean-up.
final class SocketTable {
    private struct Place {
        /// Opened and to be closed through our callbacks.
        var isConnection = false
        /// What epoll has; 0 for not there.
        var registered: UInt32 = 0
        /// What libcurl wants to know.
        var wanted: UInt32 = 0
    }

    let epoll: Int32
    private var places: [Place] = []

    init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    }

    deinit {
        if epoll >= 0 { close(epoll) }
    }

    /// Opens a connection's socket; CURL_SOCKET_BAD where the system gives none.
    func open(_ address: curl_sockaddr) -> curl_socket_t {
        let descriptor = socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
        guard descriptor >= 0 else { return -1 }
        while places.count <= Int(descriptor) { places.append(Place()) }
        places[Int(descriptor)] = Place(isConnection: true)
        return descriptor
    }

    /// Closes a connection's socket. It is taken out of epoll first, because a forked child may hold a copy of it.
    func closeSocket(_ descriptor: curl_socket_t) -> Int32 {
        if places.indices.contains(Int(descriptor)) {
            remove(descriptor)
            places[Int(descriptor)] = Place()
        }
        return close(descriptor)
    }

    /// Watches the descriptor for what libcurl says.
    func watch(_ descriptor: curl_socket_t, _ what: Int32) {
        while places.count <= Int(descriptor) { places.append(Place()) }
        var wanted: UInt32 = 0
        if what != CURL_POLL_REMOVE {
            if what & CURL_POLL_IN != 0 { wanted |= EPOLLIN.rawValue }
            if what & CURL_POLL_OUT != 0 { wanted |= EPOLLOUT.rawValue }
        }
        places[Int(descriptor)].wanted = wanted
        if wanted != 0 {
            register(descriptor, wanted)
        } else if !places[Int(descriptor)].isConnection {
            remove(descriptor)
        }
    }

    /// Whether libcurl wants to hear of an event there; a descriptor that it has let go of is taken out.
    func isWanted(_ descriptor: curl_socket_t) -> Bool {
        guard places.indices.contains(Int(descriptor)), places[Int(descriptor)].wanted == 0 else { return true }
        remove(descriptor)
        return false
    }

    private func register(_ descriptor: curl_socket_t, _ events: UInt32) {
        let registered = places[Int(descriptor)].registered
        guard registered != events else { return }
        var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
        let operation = registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        // Where the kernel refuses (no memory, too many watches) the transfer ends by its time-out.
        let isDone = epoll_ctl(epoll, operation, descriptor, &event) == 0
        places[Int(descriptor)].registered = isDone ? events : 0
    }

    private func remove(_ descriptor: curl_socket_t) {
        guard places[Int(descriptor)].registered != 0 else { return }
        var event = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
        places[Int(descriptor)].registered = 0
    }
}
