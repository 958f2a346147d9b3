# Has a worker of a process of its own open /etc/hostname.
import multiprocessing
import os


def work():
    os.close(os.open("/etc/hostname", os.O_RDONLY))


if __name__ == "__main__":
    worker = multiprocessing.get_context("spawn").Process(target=work)
    worker.start()
    worker.join()
