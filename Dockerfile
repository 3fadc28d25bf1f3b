FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv/qlekta
COPY requirements.lock ./
RUN pip install --disable-pip-version-check --require-hashes --requirement requirements.lock
COPY . .
RUN python -c "from runner.bootstrap import compile_translations; compile_translations('python')" \
    && useradd --system --uid 1500 --no-create-home qlekta \
    && install -d -o qlekta -m 700 /var/lib/qlekta /var/lib/qlekta-journal
USER qlekta
ENV QLEKTA_ENV=production VAR_DIR=/var/lib/qlekta
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "qlekta.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
