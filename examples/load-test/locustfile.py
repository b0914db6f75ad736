"""Twelve customers, each of whom asks ten times in a second at most."""

from locust import HttpUser, constant_throughput, task


class Customer(HttpUser):
    wait_time = constant_throughput(10)

    @task
    def ask(self):
        self.client.post("/answers", json={"question": "How long do I have to return a parcel?"})
